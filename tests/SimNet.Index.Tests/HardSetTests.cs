using SimNet.Benchmarks;

namespace SimNet.Index.Tests;

/// <summary>Small versions of the sets that <c>benchmarks -- hard-sets</c> measures.</summary>
public sealed class HardSetTests
{
    private const int Rows = 3000;
    private const int Queries = 100;
    private const int Wanted = 10;
    private const double WantedRecall = 0.95;

    public static TheoryData<string> Names => new(HardSet.All.Select(set => set.Name));

    /// <summary>The sets of which a forest is tuned in a moment.</summary>
    public static TheoryData<string> NamesOfFewDimensions => new(HardSet.All.Where(set => set.Dimensions < 512).Select(set => set.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_graph_finds_neighbors_and_stored_rows_with_its_effort(string name)
    {
        HardSet set = Set(name);
        (float[] rows, float[] queries) = set.Create(Rows, Queries);
        using NeighborGraph graph = NeighborGraph.Build(rows, set.Dimensions, set.Metric);

        // Without an effort, a search of so few rows may be exact.
        int effort = graph.EstimatedRecall!.SearchEffort;
        double recall = Recall(graph, rows, queries, effort);
        int[] lost = LostRows(graph, rows, effort);

        Assert.True(recall >= WantedRecall && lost.Length == 0, $"recall {recall}; rows lost: {string.Join(", ", lost)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_graph_of_a_thousand_rows_finds_all_neighbors_by_default(string name)
    {
        HardSet set = Set(name);
        (float[] rows, float[] queries) = set.Create(1000, Queries);
        using NeighborGraph graph = NeighborGraph.Build(rows, set.Dimensions, set.Metric);

        Assert.Equal(1, Recall(graph, rows, queries));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_forest_finds_stored_rows_by_default(string name)
    {
        HardSet set = Set(name);
        float[] rows = set.Create(Rows, Queries).Rows;
        using RandomProjectionForest forest = RandomProjectionForest.Build(rows, set.Dimensions, set.Metric);

        Assert.Empty(LostRows(forest, rows));
    }

    [Theory]
    [MemberData(nameof(NamesOfFewDimensions))]
    public void A_tuned_forest_finds_neighbors_of_held_out_queries(string name)
    {
        HardSet set = Set(name);
        (float[] rows, float[] queries) = set.Create(Rows, Queries);
        var options = new RandomProjectionForestOptions { TargetRecall = WantedRecall };
        using RandomProjectionForest forest = RandomProjectionForest.Build(rows, set.Dimensions, set.Metric, options);

        // The forest is tuned with other queries, so its recall is near the wanted one, above or below.
        double recall = Recall(forest, rows, queries);

        Assert.True(recall >= WantedRecall - 0.03, $"recall {recall}");
    }

    private static HardSet Set(string name) => HardSet.All.Single(set => set.Name == name);

    /// <summary>The share of the results, different rows, that are no farther than the true tenth neighbor.</summary>
    private static double Recall(IVectorIndex index, float[] rows, float[] queries, int effort = 0) =>
        Enumerable.Range(0, Queries).AsParallel().Average(i =>
        {
            float[] query = TestData.Row(queries, index.Dimensions, i).ToArray();
            double farthest = NaiveSearch.Search(rows, index.Dimensions, index.Metric, query, Wanted)[^1].Distance;
            double limit = farthest + (1e-6 * Math.Abs(farthest));
            return Search(index, query, effort).Select(found => found.Id).Distinct().Count(id =>
                NaiveSearch.Distance(query, TestData.Row(rows, index.Dimensions, id), index.Metric) <= limit) / (double)Wanted;
        });

    /// <summary>The rows that a search for them does not find; none for the inner product, which promises nothing.</summary>
    private static int[] LostRows(IVectorIndex index, float[] rows, int effort = 0) => index.Metric == Metric.InnerProduct
        ? []
        : [.. Enumerable.Range(0, Rows).AsParallel().Where(row =>
        {
            ReadOnlySpan<float> query = TestData.Row(rows, index.Dimensions, row);
            int first = Search(index, query, effort)[0].Id;
            return NaiveSearch.Distance(query, TestData.Row(rows, index.Dimensions, first), index.Metric)
                > NaiveSearch.Distance(query, query, index.Metric);
        })];

    private static Neighbor[] Search(IVectorIndex index, ReadOnlySpan<float> query, int effort) =>
        TestData.Search(index, query, Wanted, new SearchOptions { SearchEffort = effort });
}
