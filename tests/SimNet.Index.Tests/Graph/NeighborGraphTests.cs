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
    public void Recall_is_high_and_grows_with_effort(Metric metric)
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
        Assert.True(Recall(exact, graph, default) > 0.98);
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Data_without_any_structure_is_found_too(Metric metric)
    {
        float[] vectors = TestData.Gaussian(3000, 96, 1), queries = TestData.Gaussian(50, 96, 2);
        using ExactIndex exact = ExactIndex.Build(vectors, 96, metric);
        using NeighborGraph graph = NeighborGraph.Build(vectors, 96, metric);
        double found = 0;
        for (int i = 0; i < 50; i++)
        {
            found += Share(exact, graph, TestData.Row(queries, 96, i), new SearchOptions { SearchEffort = 300 });
        }

        // The largest products are with the longest rows, wherever they point: for them a graph of near rows is of less use.
        Assert.True(found / 50 > (metric == Metric.InnerProduct ? 0.75 : 0.95), $"recall {found / 50}");
    }

    [Fact]
    public void The_effort_of_all_rows_gives_the_exact_answer()
    {
        using ExactIndex exact = ExactIndex.Build(Vectors, Dimensions, Metric.Euclidean);
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean);
        for (int i = 0; i < 100; i++)
        {
            ReadOnlySpan<float> query = TestData.Row(Queries, Dimensions, i);
            Assert.Equal(TestData.Search(exact, query, Wanted), TestData.Search(graph, query, Wanted, new SearchOptions { SearchEffort = Count }));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_filter_takes_nothing_from_the_recall(int oneIn)
    {
        using ExactIndex exact = ExactIndex.Build(Vectors, Dimensions, Metric.Euclidean);
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean);
        RowSet rows = RowSet.Where(Count, row => row % oneIn == 1);
        foreach (SearchOptions options in (SearchOptions[])[new() { Rows = rows }, new() { Filter = row => row % oneIn == 1 }, new() { Rows = rows, Filter = row => row % 4 != 0 }])
        {
            double recall = Recall(exact, graph, options);
            Assert.True(recall > 0.97, $"recall {recall}");
            Assert.All(TestData.Search(graph, TestData.Row(Queries, Dimensions, 0), 5, options), neighbor => Assert.Equal(1, neighbor.Id % oneIn));
        }
    }

    [Fact]
    public void A_filter_that_the_sample_misjudges_still_gives_a_full_answer()
    {
        // Allows no row of those sampled to tell how many it allows, or all of those and nothing else.
        using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean);
        var sampled = new HashSet<int>();
        TestData.Search(graph, TestData.Row(Queries, Dimensions, 0), 1, new SearchOptions { Filter = row => sampled.Count < 128 && sampled.Add(row) });
        Assert.Equal(Wanted, TestData.Search(graph, TestData.Row(Queries, Dimensions, 0), Wanted, new SearchOptions { Filter = row => !sampled.Contains(row) }).Length);
        Assert.Equal(Wanted, TestData.Search(graph, TestData.Row(Queries, Dimensions, 0), Wanted, new SearchOptions { Filter = sampled.Contains }).Length);
    }

    [Fact]
    public void Heaps_of_equal_rows_and_far_islands_are_all_reached()
    {
        // Three heaps far apart, of a thousand equal rows, a thousand near each other and ten.
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
            double share = Share(exact, graph, TestData.Row(vectors, Dimensions, row), default);
            Assert.True(share > 0.9, $"row {row}: {share}");
        }
    }

    [Fact]
    public void The_graph_is_the_same_on_any_number_of_threads_and_another_for_another_seed()
    {
        using var folder = new TemporaryFolder();
        byte[] Bytes(long seed, int threads)
        {
            using NeighborGraph graph = NeighborGraph.Build(Vectors, Dimensions, Metric.Cosine, new() { Seed = seed, MaxThreads = threads });
            graph.Save(folder.File("graph"));
            return File.ReadAllBytes(folder.File("graph"));
        }

        byte[] one = Bytes(1, 1);
        Assert.Equal(one, Bytes(1, 2));
        Assert.Equal(one, Bytes(1, 5));
        Assert.NotEqual(one, Bytes(2, 1));
    }

    [Fact]
    public void The_bits_of_a_graph_are_the_same_on_every_machine()
    {
        // As for the forest: if this changes, so do the results of a seed.
        Assert.Equal(["530ed38b", "559ff9d1", "aa7b757d"], TestData.FileChecksums((vectors, metric) => NeighborGraph.Build(vectors, 70, metric, new() { MaxDegree = 8, BuildEffort = 20, Seed = 42 })));
    }

    [Theory]
    [InlineData(3, 100, 1.2, "MaxDegree is 3")]
    [InlineData(129, 200, 1.2, "MaxDegree is 129")]
    [InlineData(32, 31, 1.2, "BuildEffort is 31")]
    [InlineData(32, 10001, 1.2, "BuildEffort is 10001")]
    [InlineData(32, 100, 0.99, "Alpha is 0.99")]
    [InlineData(32, 100, double.NaN, "Alpha is NaN")]
    public void Options_out_of_range_are_refused_by_name(int maxDegree, int buildEffort, double alpha, string reason)
    {
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => NeighborGraph.Build(
            Vectors, Dimensions, Metric.Euclidean, new() { MaxDegree = maxDegree, BuildEffort = buildEffort, Alpha = alpha }));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_ends_soon_after_it_is_cancelled()
    {
        using var source = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        Task build = Task.Run(() => NeighborGraph.Build(
            TestData.Gaussian(50_000, 64, 1), 64, Metric.Euclidean, progress: new Reports(_ => started.TrySetResult()), cancellationToken: source.Token));
        await started.Task;
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
    }

    [Fact]
    public void Progress_rises_from_none_to_all()
    {
        var reports = new List<double>();
        NeighborGraph.Build(Vectors, Dimensions, Metric.Euclidean, progress: new Reports(reports.Add)).Dispose();
        Assert.Equal(0, reports[0]);
        Assert.Equal(1, reports[^1]);
        Assert.Equal(reports.Order(), reports);
        Assert.InRange(reports.Count, 20, 110);
    }

    private static double Recall(ExactIndex exact, IVectorIndex index, SearchOptions options)
    {
        double sum = 0;
        for (int i = 0; i < 100; i++)
        {
            sum += Share(exact, index, TestData.Row(Queries, Dimensions, i), options);
        }

        return sum / 100;
    }

    /// <summary>The share of the exact answer's rows, or others as near, that an index finds.</summary>
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
