namespace SimNet.Index.Tests;

public sealed class GraphTuningTests
{
    private const int Count = 6000;
    private const int Wanted = 10;

    // The rows of the two samples. The estimate is of the one with the lower recall.
    private const int HeldOut = 256;
    private const int Stored = 128;

    [Theory]
    [InlineData(Metric.Euclidean, 16, HeldOut)]
    [InlineData(Metric.Euclidean, 48, HeldOut)]
    [InlineData(Metric.Cosine, 48, HeldOut)]
    [InlineData(Metric.InnerProduct, 12, Stored)]
    public void The_estimate_agrees_with_the_recall_of_new_queries(Metric metric, int dimensions, int sample)
    {
        // The rows are the start of the values, so that the queries are of the same distribution.
        float[] all = TestData.Gaussian(Count + 500, dimensions, 31), rows = all[..(Count * dimensions)];
        using ExactIndex exact = ExactIndex.Build(rows, dimensions, metric);
        var options = new NeighborGraphOptions { MaxDegree = 16, BuildEffort = 40, TargetRecall = 0.8 };
        using NeighborGraph graph = NeighborGraph.Build(rows, dimensions, metric, options);
        RecallEstimate estimate = Assert.IsType<RecallEstimate>(graph.EstimatedRecall);
        Assert.Equal((sample, Wanted), (estimate.Queries, estimate.Neighbors));
        int hits = 0;
        for (int query = 0; query < 500; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(all, dimensions, Count + query);
            float farthest = TestData.Search(exact, vector, Wanted)[^1].Distance;
            Neighbor[] found = TestData.Search(graph, vector, Wanted);
            hits += found.Count(neighbor => neighbor.Distance <= farthest);

            // The estimate is of the default effort.
            Assert.Equal(found, TestData.Search(graph, vector, Wanted, new SearchOptions { SearchEffort = estimate.SearchEffort }));
        }

        // Both are samples; rows that are held out have slightly fewer links than the final graph gives them.
        double recall = hits / 500.0 / Wanted;
        Assert.True(recall >= estimate.LowerBound - 0.02, $"{recall} for an estimate of {estimate.LowerBound} to {estimate.UpperBound}");
        Assert.True(recall <= estimate.UpperBound + 0.05, $"{recall} for an estimate of {estimate.LowerBound} to {estimate.UpperBound}");
    }

    [Fact]
    public void A_higher_target_takes_a_higher_effort()
    {
        float[] rows = TestData.Gaussian(Count, 64, 32);
        using NeighborGraph low = Build(0.3), high = Build(0.85);
        Assert.Equal(64, low.EstimatedRecall!.SearchEffort);
        Assert.InRange(high.EstimatedRecall!.SearchEffort, 65, 149);
        Assert.True(high.EstimatedRecall.Recall - high.EstimatedRecall.StandardError >= 0.85);

        NeighborGraph Build(double target) =>
            NeighborGraph.Build(rows, 64, Metric.Euclidean, new() { MaxDegree = 16, BuildEffort = 20, TargetRecall = target });
    }

    [Fact]
    public void Rows_that_no_graph_suits_are_scanned()
    {
        float[] rows = TestData.Gaussian(Count, 200, 33);
        using ExactIndex exact = ExactIndex.Build(rows, 200, Metric.InnerProduct);
        using NeighborGraph graph = NeighborGraph.Build(rows, 200, Metric.InnerProduct);
        Assert.Equal(RecallEstimate.Exact, graph.EstimatedRecall);
        float[] query = TestData.Gaussian(1, 200, 34);
        Assert.Equal(TestData.Search(exact, query, Wanted), TestData.Search(graph, query, Wanted));
        using IVectorIndex chosen = VectorIndex.Build(rows, 200, Metric.InnerProduct);
        Assert.IsType<ExactIndex>(chosen);
    }

    [Fact]
    public void Ordinary_rows_get_a_graph()
    {
        using IVectorIndex chosen = VectorIndex.Build(TestData.Clustered(Count, 16, 40, 35), 16, Metric.Euclidean);
        Assert.IsType<NeighborGraph>(chosen);
        Assert.True(chosen.EstimatedRecall!.LowerBound > 0.9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Too_few_rows_are_not_measured(int count)
    {
        using NeighborGraph graph = NeighborGraph.Build(TestData.Gaussian(count, 4, 36), 4, Metric.Euclidean);
        Assert.Null(graph.EstimatedRecall);
    }

    [Fact]
    public void Without_a_target_nothing_is_measured()
    {
        using NeighborGraph graph = NeighborGraph.Build(
            TestData.Gaussian(500, 4, 36), 4, Metric.Euclidean, new() { TargetRecall = null });
        Assert.Null(graph.EstimatedRecall);
    }

    [Theory]
    [InlineData(0.0, 10, "TargetRecall is 0")]
    [InlineData(1.5, 10, "TargetRecall is 1.5")]
    [InlineData(double.NaN, 10, "TargetRecall is NaN")]
    [InlineData(0.9, 0, "TargetNeighbors is 0")]
    public void Targets_out_of_range_are_rejected_by_name(double target, int neighbors, string reason)
    {
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => NeighborGraph.Build(
            [1, 2], 1, Metric.Euclidean, new() { TargetRecall = target, TargetNeighbors = neighbors }));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_keeps_the_estimate()
    {
        using var folder = new TemporaryFolder();
        float[] rows = TestData.Gaussian(3000, 24, 37);
        foreach (IVectorIndex index in (IVectorIndex[])
            [
                NeighborGraph.Build(rows, 24, Metric.Cosine, new() { TargetRecall = 0.9, TargetNeighbors = 5 }),
                RandomProjectionForest.Build(rows, 24, Metric.Euclidean),
                RandomProjectionForest.Build(rows, 24, Metric.Euclidean, new() { TargetRecall = 0.9 }),
                ExactIndex.Build(rows, 24, Metric.Euclidean),
            ])
        {
            using (index)
            {
                index.Save(folder.File("index"));
                using IVectorIndex opened = VectorIndex.Open(folder.File("index"));
                Assert.NotNull(index.EstimatedRecall);
                Assert.Equal(index.EstimatedRecall, opened.EstimatedRecall);
                Assert.Equal((index as NeighborGraph)?.Options, (opened as NeighborGraph)?.Options);
                Assert.Equal((index as NeighborGraph)?.IsQuantized, (opened as NeighborGraph)?.IsQuantized);
            }
        }
    }
}
