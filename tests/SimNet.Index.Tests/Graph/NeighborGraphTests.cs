namespace SimNet.Index.Tests;

public sealed class NeighborGraphTests
{
    private const int Dimensions = 32;
    private const int Count = 5000;
    private const int Wanted = 10;

    private static readonly float[] Vectors = TestData.Clustered(Count, Dimensions, 50, 11);
    private static readonly float[] Queries = TestData.Clustered(100, Dimensions, 50, 12);

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Recall_is_high_and_grows_with_the_effort(Metric metric)
    {
        using ExactIndex exact = ExactIndex.Build(Vectors, Dimensions, metric);
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, metric);
        double previous = 0;
        foreach (int effort in (int[])[10, 20, 40, 160])
        {
            double recall = Recall(exact, graph, new SearchOptions { SearchEffort = effort });
            Assert.True(recall >= previous - 0.005, $"recall {recall} at effort {effort}, {previous} at less");
            previous = recall;
        }

        Assert.True(previous > 0.995, $"recall {previous}");
        Assert.True(Recall(exact, graph, Walk(graph)) > 0.98);
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Data_without_structure_is_found(Metric metric)
    {
        float[] vectors = TestData.Gaussian(3000, 96, 1), queries = TestData.Gaussian(50, 96, 2);
        using ExactIndex exact = ExactIndex.Build(vectors, 96, metric);
        using NeighborGraph graph = NeighborGraph.Build(vectors, 96, metric);
        double found = 0;
        for (int i = 0; i < 50; i++)
        {
            found += Share(exact, graph, TestData.Row(queries, 96, i), new SearchOptions { SearchEffort = 300 });
        }

        // The largest products are with the longest rows, whatever their direction, so a graph of near rows is less effective.
        Assert.True(found / 50 > (metric == Metric.InnerProduct ? 0.75 : 0.95), $"recall {found / 50}");
    }

    [Fact]
    public void An_effort_of_all_rows_gives_the_exact_answer()
    {
        using ExactIndex exact = ExactIndex.Build(Vectors, Dimensions, Metric.Euclidean);
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean);
        for (int i = 0; i < 100; i++)
        {
            ReadOnlySpan<float> query = TestData.Row(Queries, Dimensions, i);
            Assert.Equal(
                TestData.Search(exact, query, Wanted), TestData.Search(graph, query, Wanted, new SearchOptions { SearchEffort = Count }));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_filter_does_not_reduce_the_recall(int oneIn)
    {
        using ExactIndex exact = ExactIndex.Build(Vectors, Dimensions, Metric.Euclidean);
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean);
        RowSet rows = RowSet.Where(Count, row => row % oneIn == 1);
        SearchOptions[] filters =
        [
            Walk(graph) with { Rows = rows },
            Walk(graph) with { Filter = row => row % oneIn == 1 },
            Walk(graph) with { Rows = rows, Filter = row => row % 4 != 0 },
        ];
        foreach (SearchOptions options in filters)
        {
            double recall = Recall(exact, graph, options);
            Assert.True(recall > 0.97, $"recall {recall}");
            Assert.All(
                TestData.Search(graph, TestData.Row(Queries, Dimensions, 0), 5, options), neighbor => Assert.Equal(1, neighbor.Id % oneIn));
        }
    }

    [Fact]
    public void A_filter_with_a_misleading_sample_gives_a_full_answer()
    {
        // The filters allow no row of the sample, or only rows of the sample.
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean);
        var sampled = new HashSet<int>();
        ReadOnlySpan<float> query = TestData.Row(Queries, Dimensions, 0);
        TestData.Search(graph, query, 1, new SearchOptions { Filter = row => sampled.Count < 128 && sampled.Add(row) });
        Assert.Equal(Wanted, TestData.Search(graph, query, Wanted, new SearchOptions { Filter = row => !sampled.Contains(row) }).Length);
        Assert.Equal(Wanted, TestData.Search(graph, query, Wanted, new SearchOptions { Filter = sampled.Contains }).Length);
    }

    [Fact]
    public void Clusters_of_equal_rows_and_disconnected_components_are_reached()
    {
        // Three clusters far apart: a thousand equal rows, a thousand near ones, and ten.
        var vectors = new float[2010 * Dimensions];
        float[] noise = TestData.Gaussian(2010, Dimensions, 5);
        for (int row = 0; row < 2010; row++)
        {
            for (int i = 0; i < Dimensions; i++)
            {
                vectors[(row * Dimensions) + i] = row < 1000 ? 100 : (row < 2000 ? -100 : 300) + (10 * noise[(row * Dimensions) + i]);
            }
        }

        using ExactIndex exact = ExactIndex.Build(vectors, Dimensions, Metric.Euclidean);
        using NeighborGraph graph = NeighborGraph.Build(vectors, Dimensions, Metric.Euclidean);
        foreach (int row in (int[])[0, 999, 1000, 1999, 2000, 2009])
        {
            double share = Share(exact, graph, TestData.Row(vectors, Dimensions, row), Walk(graph));
            Assert.True(share > 0.9, $"row {row}: {share}");
        }
    }

    [Fact]
    public void The_graph_depends_on_the_seed_but_not_on_the_number_of_threads()
    {
        using var folder = new TemporaryFolder();
        byte[] Bytes(long seed, int threads)
        {
            using NeighborGraph graph = NeighborGraph.Build(
                Vectors, Dimensions, Metric.Cosine, new() { Seed = seed, MaxThreads = threads });
            graph.Save(folder.File("graph"));
            return File.ReadAllBytes(folder.File("graph"));
        }

        byte[] one = Bytes(1, 1);
        Assert.Equal(one, Bytes(1, 2));
        Assert.Equal(one, Bytes(1, 5));
        Assert.NotEqual(one, Bytes(2, 1));
    }

    [Fact]
    public void The_bytes_of_a_graph_are_the_same_on_every_machine()
    {
        // If this changes, so do the results of a seed, as for the forest.
        Assert.Equal(
            ["8d7292fc", "37c63c98", "5490be1d"],
            TestData.FileChecksums(
                (vectors, metric) => NeighborGraph.Build(vectors, 70, metric, new() { MaxDegree = 8, BuildEffort = 20, Seed = 42 })));
    }

    [Theory]
    [InlineData(3, 100, 1.2, "MaxDegree is 3")]
    [InlineData(129, 200, 1.2, "MaxDegree is 129")]
    [InlineData(32, 31, 1.2, "BuildEffort is 31")]
    [InlineData(32, 10001, 1.2, "BuildEffort is 10001")]
    [InlineData(32, 100, 0.99, "Alpha is 0.99")]
    [InlineData(32, 100, double.NaN, "Alpha is NaN")]
    public void Options_out_of_range_are_rejected_by_name(int maxDegree, int buildEffort, double alpha, string reason)
    {
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => NeighborGraph.Build(
            Vectors, Dimensions, Metric.Euclidean, new() { MaxDegree = maxDegree, BuildEffort = buildEffort, Alpha = alpha }));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_canceled_build_ends()
    {
        // Cancels from within and measures work, not time: on a busy machine another thread might cancel after the build has ended.
        using var source = new CancellationTokenSource();
        double last = 0;
        var progress = new Reports(share =>
        {
            last = share;
            if (share >= 0.1)
            {
                source.Cancel();
            }
        });
        Assert.ThrowsAny<OperationCanceledException>(() => NeighborGraph.Build(
            Vectors, Dimensions, Metric.Euclidean, progress: progress, cancellationToken: source.Token));
        Assert.InRange(last, 0.1, 0.2);
    }

    [Fact]
    public void Progress_rises_from_0_to_1()
    {
        var reports = new List<double>();
        NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean, progress: new Reports(reports.Add)).Dispose();
        Assert.Equal(0, reports[0]);
        Assert.Equal(1, reports[^1]);
        Assert.Equal(reports.Order(), reports);
        Assert.InRange(reports.Count, 20, 110);
    }

    /// <summary>The graph's own effort. Without it, a search of so few rows is exact.</summary>
    private static SearchOptions Walk(NeighborGraph graph) => new() { SearchEffort = graph.EstimatedRecall!.SearchEffort };

    private static double Recall(ExactIndex exact, IVectorIndex index, SearchOptions options)
    {
        double sum = 0;
        for (int i = 0; i < 100; i++)
        {
            sum += Share(exact, index, TestData.Row(Queries, Dimensions, i), options);
        }

        return sum / 100;
    }

    /// <summary>The share of the exact answer that an index finds; other rows as near count as well.</summary>
    private static double Share(ExactIndex exact, IVectorIndex index, ReadOnlySpan<float> query, SearchOptions options)
    {
        Neighbor[] best = TestData.Search(exact, query, Wanted, options with { SearchEffort = 0 });
        Neighbor[] found = TestData.Search(index, query, Wanted, options);
        Assert.Equal(best.Length, found.Length);
        return best.Length == 0 ? 1 : found.Count(neighbor => neighbor.Distance <= best[^1].Distance) / (double)best.Length;
    }

    private sealed class Reports(Action<double> act) : IProgress<double>
    {
        public void Report(double value) => act(value);
    }
}
