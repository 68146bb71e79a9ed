namespace SimNet.Index.Tests;

/// <summary>Codes serve as long as they tell rows apart; otherwise the rows themselves are compared.</summary>
public sealed class GraphPointsTests
{
    private const int Dimensions = 32;
    private const int Wanted = 10;

    [Theory]
    [InlineData(Metric.Euclidean, true)]
    [InlineData(Metric.Cosine, true)]
    [InlineData(Metric.InnerProduct, false)]
    public void Ordinary_rows_are_searched_by_code_unless_by_product(Metric metric, bool isQuantized)
    {
        using NeighborGraph graph = NeighborGraph.Build(TestData.Clustered(2000, Dimensions, 20, 1), Dimensions, metric);
        Assert.Equal(isQuantized, graph.IsQuantized);
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    public void Dense_clusters_are_searched_by_vector(Metric metric)
    {
        float[] rows = Heaps(2000, 5, 1e-4f);
        using ExactIndex exact = ExactIndex.Build(rows, Dimensions, metric);
        using NeighborGraph graph = NeighborGraph.Build(rows, Dimensions, metric, new() { TargetRecall = null });
        Assert.False(graph.IsQuantized);
        for (int row = 0; row < 2000; row += 97)
        {
            ReadOnlySpan<float> query = TestData.Row(rows, Dimensions, row);
            Assert.Equal(TestData.Search(exact, query, 1), TestData.Search(graph, query, 1, new SearchOptions { SearchEffort = 128 }));
        }
    }

    [Fact]
    public void A_dense_cluster_among_ordinary_rows_is_found_by_a_scan()
    {
        // Too few rows to compare all by vector, but more than a pool holds.
        const int Count = 12_000, Heap = 120;
        float[] rows = [.. Heaps(Heap, 1, 1e-4f), .. TestData.Clustered(Count - Heap, Dimensions, 50, 3)];
        using ExactIndex exact = ExactIndex.Build(rows, Dimensions, Metric.Euclidean);
        using NeighborGraph graph = NeighborGraph.Build(rows, Dimensions, Metric.Euclidean, new() { TargetRecall = null });
        Assert.True(graph.IsQuantized);
        for (int row = 0; row < Heap; row++)
        {
            ReadOnlySpan<float> query = TestData.Row(rows, Dimensions, row);
            Assert.Equal(TestData.Search(exact, query, Wanted), TestData.Search(graph, query, Wanted));
        }
    }

    [Fact]
    public void A_forest_compares_all_candidates_where_codes_do_not_rank_them()
    {
        float[] rows = Heaps(3000, 5, 1e-4f);
        foreach (Metric metric in TestData.Metrics)
        {
            using ExactIndex exact = ExactIndex.Build(rows, Dimensions, metric);
            using RandomProjectionForest forest = RandomProjectionForest.Build(rows, Dimensions, metric);
            Assert.Equal((0, 0), (forest.Trees.Parameters.IsCoded, forest.Trees.Parameters.IsRanked));
            double hits = 0;
            for (int row = 0; row < 3000; row += 50)
            {
                ReadOnlySpan<float> query = TestData.Row(rows, Dimensions, row);
                float farthest = TestData.Search(exact, query, Wanted)[^1].Distance;
                hits += TestData.Search(forest, query, Wanted).Count(found => found.Distance <= farthest);
            }

            Assert.True(hits / 60 / Wanted > (metric == Metric.InnerProduct ? 0.5 : 0.9), $"{metric}: recall {hits / 60 / Wanted}");
        }
    }

    /// <summary>Rows around a few centers, nearer to each other than a quantization step.</summary>
    private static float[] Heaps(int count, int heaps, float spread)
    {
        float[] centers = TestData.Gaussian(heaps, Dimensions, 21), noise = TestData.Gaussian(count, Dimensions, 22);
        return [.. noise.Select((value, i) => centers[(i / Dimensions % heaps * Dimensions) + (i % Dimensions)] + (spread * value))];
    }
}
