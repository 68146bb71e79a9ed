namespace SimNet.Index.Tests;

public sealed unsafe class RandomProjectionForestTests
{
    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Recall_is_high_and_grows_with_the_effort(Metric metric)
    {
        const int Dimensions = 32, Count = 5000, Wanted = 10;
        float[] vectors = TestData.Clustered(Count, Dimensions, 50, 11);
        float[] queries = TestData.Clustered(100, Dimensions, 50, 12);
        using ExactIndex exact = ExactIndex.Build(vectors, Dimensions, metric);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, Dimensions, metric, new() { LeafSize = 100 });
        double previous = 0;
        foreach (int effort in (int[])[50, 200, 500, 5000])
        {
            double recall = Recall(exact, forest, queries, Dimensions, Wanted, effort);
            Assert.True(recall >= previous, $"recall {recall} at effort {effort}, {previous} before");
            if (effort == 50)
            {
                // Measured: 0.95 to 0.96; one row in a hundred is inspected.
                Assert.True(recall >= 0.85, $"recall {recall} at effort {effort}");
            }

            previous = recall;
        }

        Assert.Equal(1, previous);
    }

    [Fact]
    public void The_default_effort_is_ten_times_neighbors_times_trees()
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] queries = TestData.Clustered(50, 16, 20, 14);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, Metric.Euclidean, new() { Trees = 7 });
        for (int query = 0; query < 50; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, 16, query);
            Assert.Equal(
                TestData.Search(forest, vector, 10, new SearchOptions { SearchEffort = 700 }), TestData.Search(forest, vector, 10));
        }
    }

    [Fact]
    public void A_search_inspects_about_as_many_allowed_rows_as_the_effort()
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] query = TestData.Clustered(1, 16, 20, 14);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, Metric.Euclidean, new() { LeafSize = 20 });
        foreach (int effort in (int[])[10, 100, 300])
        {
            // The filter is first called for a sample, to estimate its selectivity; a third is enough for the forest to be used.
            const int Sample = 128;
            var asked = new List<int>();
            bool Filter(int row)
            {
                asked.Add(row);
                return row % 3 == 0;
            }

            TestData.Search(forest, query, 10, new SearchOptions { SearchEffort = effort, Filter = Filter });
            int[] met = [.. asked.Skip(Sample)];
            Assert.Equal(met.Length, met.Distinct().Count());
            Assert.InRange(met.Count(row => row % 3 == 0), effort, effort + 20);
        }
    }

    [Fact]
    public void The_visited_set_of_a_search_does_not_affect_later_ones()
    {
        // The visited set is reused by all searches.
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] query = TestData.Clustered(1, 16, 20, 14);
        float[] elsewhere = [.. query.Select(number => -number)];
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, Metric.Euclidean, new() { LeafSize = 20 });
        Neighbor[] expected = TestData.Search(forest, query, 10);
        for (int round = 1; round < 600; round++)
        {
            Neighbor[] found = TestData.Search(forest, round % 255 == 0 ? query : elsewhere, 10);
            if (round % 255 == 0)
            {
                Assert.Equal(expected, found);
            }
        }
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void A_strict_filter_gives_the_exact_answer(Metric metric)
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] queries = TestData.Clustered(20, 16, 20, 14);
        using ExactIndex exact = ExactIndex.Build(vectors, 16, metric);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, metric);
        var options = new SearchOptions { Filter = row => row % 100 == 3 };
        for (int query = 0; query < 20; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, 16, query);
            Assert.Equal(TestData.Search(exact, vector, 10, options), TestData.Search(forest, vector, 10, options));
        }
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void The_saved_bytes_do_not_depend_on_the_number_of_threads(Metric metric)
    {
        using var folder = new TemporaryFolder();
        float[] vectors = TestData.Clustered(2000, 20, 10, 15);
        byte[][] files = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using RandomProjectionForest forest = RandomProjectionForest.Build(
                vectors, 20, metric, new() { Trees = 7, LeafSize = 10, Seed = 5, MaxThreads = threads });
            forest.Save(folder.File("forest"));
            return File.ReadAllBytes(folder.File("forest"));
        })];
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void A_small_set_is_searched_exactly_and_a_large_one_with_high_recall(Metric metric)
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] queries = TestData.Clustered(20, 16, 20, 14);
        using ExactIndex exact = ExactIndex.Build(vectors, 16, metric);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, metric);
        int hits = 0;
        for (int query = 0; query < 20; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, 16, query);
            var few = new SearchOptions { Rows = RowSet.Where(3000, row => row % 10 == 3), SearchEffort = 100 };
            Assert.Equal(TestData.Search(exact, vector, 10, few), TestData.Search(forest, vector, 10, few));
            var many = new SearchOptions { Rows = RowSet.Where(3000, row => row % 3 != 0), SearchEffort = 300 };
            hits += TestData.Search(forest, vector, 10, many).Intersect(TestData.Search(exact, vector, 10, many)).Count();
        }

        Assert.InRange(hits, 180, 200);
    }

    [Fact]
    public void Another_seed_gives_another_forest()
    {
        float[] vectors = TestData.Clustered(500, 20, 10, 15);
        using RandomProjectionForest first = RandomProjectionForest.Build(
            vectors, 20, Metric.Euclidean, new() { Trees = 2, LeafSize = 10, Seed = 1 });
        using RandomProjectionForest second = RandomProjectionForest.Build(
            vectors, 20, Metric.Euclidean, new() { Trees = 2, LeafSize = 10, Seed = 2 });
        Assert.NotEqual(Leaves(first, 0), Leaves(second, 0));
        Assert.NotEqual(Leaves(first, 0), Leaves(first, 1));
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Thousands_of_equal_rows_give_a_shallow_tree_and_are_found(Metric metric)
    {
        float[] one = TestData.Gaussian(1, 8, 16);
        float[] vectors = [.. Enumerable.Repeat(one, 5000).SelectMany(row => row)];
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 8, metric, new() { Trees = 2, LeafSize = 10 });
        Assert.InRange(Depth(forest), 9, 12);
        Neighbor[] found = TestData.Search(forest, one, 100);
        Assert.Equal(100, found.Length);
        Assert.All(found, neighbor => Assert.Equal(found[0].Distance, neighbor.Distance));
    }

    [Fact]
    public void Duplicates_do_not_hide_the_neighbors_of_other_rows()
    {
        // Four in five rows are one point; the neighbors of other points must still be found.
        const int Dimensions = 16;
        float[] vectors = TestData.Clustered(5000, Dimensions, 20, 17);
        for (int row = 0; row < 5000; row++)
        {
            if (row % 5 != 0)
            {
                vectors.AsSpan(0, Dimensions).CopyTo(vectors.AsSpan(row * Dimensions));
            }
        }

        float[] queries = TestData.Clustered(50, Dimensions, 20, 18);
        using ExactIndex exact = ExactIndex.Build(vectors, Dimensions, Metric.Euclidean);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, Dimensions, Metric.Euclidean, new() { LeafSize = 20 });
        double recall = Recall(exact, forest, queries, Dimensions, 10, 500);
        Assert.True(recall >= 0.9, $"recall {recall}");
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Zero_vectors_can_be_built_and_searched(Metric metric)
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build(new float[3000], 3, metric, new() { Trees = 2, LeafSize = 10 });
        Neighbor[] found = TestData.Search(forest, [0, 0, 0], 1000, new SearchOptions { SearchEffort = 1000 });
        Assert.Equal(Enumerable.Range(0, 1000), found.Select(neighbor => neighbor.Id));
        Assert.All(found, neighbor => Assert.Equal(metric == Metric.Cosine ? 1 : 0, neighbor.Distance));
    }

    [Fact]
    public void A_star_of_rows_gives_a_tree_of_bounded_depth()
    {
        // A star: most rows are at the center, the others as far from it as possible, each in its own direction. Every hyperplane between
        // two rows separates one of the others from all the rest.
        const int Dimensions = 300, Count = 40 * Dimensions;
        float[] vectors = new float[Count * Dimensions];
        for (int row = 0; row < Dimensions; row++)
        {
            vectors[(row * 40 * Dimensions) + row] = 1;
        }

        using RandomProjectionForest forest = RandomProjectionForest.Build(
            vectors, Dimensions, Metric.Euclidean, new() { Trees = 1, LeafSize = 1 });
        Assert.InRange(Depth(forest), 65, 64 + 14);
        Assert.Equal(Count, Leaves(forest, 0).Distinct().Count());
    }

    [Fact]
    public void No_leaf_exceeds_the_leaf_size()
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            TestData.Gaussian(1000, 5, 19), 5, Metric.Cosine, new() { Trees = 4, LeafSize = 7 });
        ForestTrees trees = forest.Trees;
        int leaves = 0;
        for (int i = 0; i < trees.NodeCount; i++)
        {
            if (trees.Nodes[i].Normal == ForestNode.Leaf)
            {
                Assert.InRange(trees.Nodes[i].Right, 1, 7);
                leaves++;
            }
        }

        Assert.Equal(leaves, trees.LeafCount);
        for (int tree = 0; tree < 4; tree++)
        {
            Assert.Equal(Enumerable.Range(0, 1000), Leaves(forest, tree).Order());
        }
    }

    [Fact]
    public void A_canceled_build_stops_at_once()
    {
        // Counted in work instead of time: after the cancellation, each thread places at most one more leaf.
        const int Count = 2000, LeafSize = 20, Trees = 100, Threads = 2;
        using var cancellation = new CancellationTokenSource();
        double last = 0;
        var progress = new Immediate(share =>
        {
            last = share;
            if (share >= 0.1)
            {
                cancellation.Cancel();
            }
        });
        var options = new RandomProjectionForestOptions { Trees = Trees, LeafSize = LeafSize, MaxThreads = Threads };
        Assert.ThrowsAny<OperationCanceledException>(() => RandomProjectionForest.Build(
            TestData.Gaussian(Count, 16, 20), 16, Metric.Euclidean, options, progress, cancellation.Token));
        Assert.InRange(last, 0.1, 0.11);
    }

    [Fact]
    public void A_build_canceled_beforehand_does_nothing()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => RandomProjectionForest.Build(
            TestData.Gaussian(10, 4, 20), 4, Metric.Euclidean, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Progress_rises_in_order_from_0_to_1(int count)
    {
        var shares = new List<double>();
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            TestData.Gaussian(count, 4, 20), 4, Metric.Euclidean, new() { LeafSize = 5, MaxThreads = 3 }, new Immediate(shares.Add));
        Assert.Equal(shares.Order().Distinct(), shares);
        Assert.Equal(1, shares[^1]);
        Assert.Equal(count == 0 ? 1 : 0, shares[0]);
    }

    [Fact]
    public void Options_are_those_of_the_build()
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            [1, 2], 1, Metric.Euclidean, new() { Trees = 3, LeafSize = 9, Seed = -4, MaxThreads = 2 });
        Assert.Equal(new RandomProjectionForestOptions { Trees = 3, LeafSize = 9, Seed = -4 }, forest.Options);
    }

    internal static double Recall(IVectorIndex exact, IVectorIndex index, float[] queries, int dimensions, int wanted, int effort)
    {
        int hits = 0, count = queries.Length / dimensions;
        for (int query = 0; query < count; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, dimensions, query);
            float farthest = TestData.Search(exact, vector, wanted)[^1].Distance;
            hits += TestData.Search(index, vector, wanted, new SearchOptions { SearchEffort = effort })
                .Count(found => found.Distance <= farthest);
        }

        return (double)hits / (count * wanted);
    }

    private static int[] Leaves(RandomProjectionForest forest, int tree) =>
        new ReadOnlySpan<int>(forest.Trees.Leaves + (tree * forest.Count), forest.Count).ToArray();

    private static int Depth(RandomProjectionForest forest)
    {
        ForestTrees trees = forest.Trees;
        var depths = new int[trees.NodeCount];
        for (int i = 0; i < trees.NodeCount; i++)
        {
            if (trees.Nodes[i].Normal != ForestNode.Leaf)
            {
                depths[trees.Nodes[i].Left] = depths[trees.Nodes[i].Right] = depths[i] + 1;
            }
        }

        return depths.Max();
    }

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
