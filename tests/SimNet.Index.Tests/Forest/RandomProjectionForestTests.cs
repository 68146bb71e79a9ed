using System.Diagnostics;

namespace SimNet.Index.Tests;

public sealed unsafe class RandomProjectionForestTests
{
    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Recall_is_high_and_grows_with_effort(Metric metric)
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
                // 0.95 to 0.96 when written; one row in a hundred is inspected.
                Assert.True(recall >= 0.85, $"recall {recall} at effort {effort}");
            }

            previous = recall;
        }

        Assert.Equal(1, previous);
    }

    [Fact]
    public void The_default_effort_is_ten_times_neighbours_times_trees()
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] queries = TestData.Clustered(50, 16, 20, 14);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, Metric.Euclidean, new() { Trees = 7 });
        for (int query = 0; query < 50; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, 16, query);
            Assert.Equal(TestData.Search(forest, vector, 10, new SearchOptions { SearchEffort = 700 }), TestData.Search(forest, vector, 10));
        }
    }

    [Fact]
    public void Inspects_as_many_allowed_rows_as_asked_and_not_many_more()
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] query = TestData.Clustered(1, 16, 20, 14);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, Metric.Euclidean, new() { LeafSize = 20 });
        foreach (int effort in (int[])[10, 100, 300])
        {
            // First a sample is asked, to see how much is allowed; a third is enough for the forest.
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
    public void Rows_met_in_earlier_searches_are_not_taken_for_met()
    {
        // Marks of rows met last for 255 searches; the search after must not believe them.
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
    public void The_saved_bytes_are_the_same_on_one_two_and_three_threads(Metric metric)
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
    public void A_small_set_of_rows_is_searched_exactly_and_a_large_one_well(Metric metric)
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
    public void Searching_again_allocates_nothing()
    {
        float[] vectors = TestData.Clustered(3000, 16, 20, 13);
        float[] query = TestData.Clustered(1, 16, 20, 14);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 16, Metric.Euclidean);
        var results = new Neighbor[10];
        forest.Search(query, results);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            forest.Search(query, results);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Another_seed_is_another_forest()
    {
        float[] vectors = TestData.Clustered(500, 20, 10, 15);
        using RandomProjectionForest first = RandomProjectionForest.Build(vectors, 20, Metric.Euclidean, new() { Trees = 2, LeafSize = 10, Seed = 1 });
        using RandomProjectionForest second = RandomProjectionForest.Build(vectors, 20, Metric.Euclidean, new() { Trees = 2, LeafSize = 10, Seed = 2 });
        Assert.NotEqual(Leaves(first, 0), Leaves(second, 0));
        Assert.NotEqual(Leaves(first, 0), Leaves(first, 1));
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void Thousands_of_equal_rows_make_a_shallow_tree_and_are_found(Metric metric)
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
    public void Duplicates_among_others_do_not_hide_their_neighbours()
    {
        // Four in five rows are one point; what is near something else must still be found.
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
    public void Zero_rows_build_and_search(Metric metric)
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build(new float[3000], 3, metric, new() { Trees = 2, LeafSize = 10 });
        Neighbor[] found = TestData.Search(forest, [0, 0, 0], 1000, new SearchOptions { SearchEffort = 1000 });
        Assert.Equal(Enumerable.Range(0, 1000), found.Select(neighbor => neighbor.Id));
        Assert.All(found, neighbor => Assert.Equal(metric == Metric.Cosine ? 1 : 0, neighbor.Distance));
    }

    [Fact]
    public void Rows_that_planes_take_out_one_by_one_still_make_a_tree_of_bounded_depth()
    {
        // A star: most rows in the middle, the others as far from it as can be, each in a direction of its own. Every plane between
        // two rows has one of the others on its side and all the rest on the other.
        const int Dimensions = 300, Count = 40 * Dimensions;
        float[] vectors = new float[Count * Dimensions];
        for (int row = 0; row < Dimensions; row++)
        {
            vectors[(row * 40 * Dimensions) + row] = 1;
        }

        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, Dimensions, Metric.Euclidean, new() { Trees = 1, LeafSize = 1 });
        Assert.InRange(Depth(forest), 65, 64 + 14);
        Assert.Equal(Count, Leaves(forest, 0).Distinct().Count());
    }

    [Fact]
    public void No_leaf_is_larger_than_asked()
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build(TestData.Gaussian(1000, 5, 19), 5, Metric.Cosine, new() { Trees = 4, LeafSize = 7 });
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
    public void A_cancelled_build_stops_at_once()
    {
        float[] vectors = TestData.Gaussian(20000, 64, 20);
        using var cancellation = new CancellationTokenSource();
        var clock = new Stopwatch();
        var progress = new Immediate(share =>
        {
            if (share >= 0.02 && !clock.IsRunning)
            {
                clock.Start();
                cancellation.Cancel();
            }
        });
        Assert.ThrowsAny<OperationCanceledException>(() => RandomProjectionForest.Build(
            vectors, 64, Metric.Euclidean, new() { Trees = 500, LeafSize = 20, MaxThreads = 2 }, progress, cancellation.Token));

        // Milliseconds on an idle machine; the whole build takes many seconds.
        Assert.InRange(clock.ElapsedMilliseconds, 0, 500);
    }

    [Fact]
    public void A_build_cancelled_beforehand_does_nothing()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => RandomProjectionForest.Build(
            TestData.Gaussian(10, 4, 20), 4, Metric.Euclidean, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Progress_runs_from_nothing_to_all_in_order(int count)
    {
        var shares = new List<double>();
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            TestData.Gaussian(count, 4, 20), 4, Metric.Euclidean, new() { LeafSize = 5, MaxThreads = 3 }, new Immediate(shares.Add));
        Assert.Equal(shares.Order().Distinct(), shares);
        Assert.Equal(1, shares[^1]);
        Assert.Equal(count == 0 ? 1 : 0, shares[0]);
    }

    [Fact]
    public void Options_say_how_the_forest_was_grown()
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build([1, 2], 1, Metric.Euclidean, new() { Trees = 3, LeafSize = 9, Seed = -4, MaxThreads = 2 });
        Assert.Equal(new RandomProjectionForestOptions { Trees = 3, LeafSize = 9, Seed = -4 }, forest.Options);
    }

    internal static double Recall(IVectorIndex exact, IVectorIndex index, float[] queries, int dimensions, int wanted, int effort)
    {
        int hits = 0, count = queries.Length / dimensions;
        for (int query = 0; query < count; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, dimensions, query);
            float farthest = TestData.Search(exact, vector, wanted)[^1].Distance;
            hits += TestData.Search(index, vector, wanted, new SearchOptions { SearchEffort = effort }).Count(found => found.Distance <= farthest);
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
