namespace SimNet.Index.Tests;

public sealed class ForestTuningTests
{
    private const int Wanted = 10;

    // The chosen effort is one standard error above the target for the tuning queries. Other queries vary, by up to twice as much.
    private const double Slack = 0.02;

    public static TheoryData<string, Metric> Cases()
    {
        var cases = new TheoryData<string, Metric>();
        foreach (Metric metric in TestData.Metrics)
        {
            cases.Add("clustered", metric);
            cases.Add("flat", metric);
            cases.Add("duplicates", metric);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void New_queries_reach_the_target_recall(string data, Metric metric)
    {
        (float[] vectors, float[] queries, int dimensions) = Data(data);
        using ExactIndex exact = ExactIndex.Build(vectors, dimensions, metric);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, dimensions, metric, new() { TargetRecall = 0.9 });
        ForestTuning tuning = forest.Tuning!;
        double recall = RandomProjectionForestTests.Recall(exact, forest, queries, dimensions, Wanted, effort: 0);
        Assert.True(recall >= 0.9 - Slack, $"recall {recall} with {tuning}");
        Assert.True(tuning.Recall - tuning.StandardError >= 0.9, $"{tuning}");
        Assert.Equal((0.9, Wanted), (tuning.TargetRecall, tuning.TargetNeighbors));
        Assert.Equal((tuning.Trees, tuning.LeafSize), (forest.Options.Trees, forest.Options.LeafSize));
    }

    [Fact]
    public void A_higher_target_takes_more_work_but_much_less_than_all_rows()
    {
        (float[] vectors, _, int dimensions) = Data("clustered");
        double previous = 0;
        foreach (double target in (double[])[0.5, 0.8, 0.95])
        {
            using RandomProjectionForest forest = RandomProjectionForest.Build(
                vectors, dimensions, Metric.Euclidean, new() { TargetRecall = target, Trees = 6, LeafSize = 20 });
            Assert.InRange(forest.Tuning!.CandidatesPerQuery, previous, forest.Count / 5);
            previous = forest.Tuning.CandidatesPerQuery;
        }
    }

    [Fact]
    public void A_target_out_of_reach_makes_searches_exact()
    {
        float[] vectors = TestData.Gaussian(2000, 64, 5), queries = TestData.Gaussian(20, 64, 6);
        using ExactIndex exact = ExactIndex.Build(vectors, 64, Metric.Euclidean);
        using RandomProjectionForest forest = RandomProjectionForest.Build(vectors, 64, Metric.Euclidean, new() { TargetRecall = 1 });
        Assert.Equal((2000, 1), (forest.Tuning!.SearchEffort, forest.Tuning.Recall));
        for (int query = 0; query < 20; query++)
        {
            ReadOnlySpan<float> vector = TestData.Row(queries, 64, query);
            Assert.Equal(TestData.Search(exact, vector, Wanted), TestData.Search(forest, vector, Wanted));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(33)]
    [InlineData(10000)]
    public void A_pruned_tree_equals_a_tree_built_with_larger_leaves(int leafSize)
    {
        // Tuning relies on this. Half of the rows are equal, so that some splits are random.
        (float[] vectors, _, int dimensions) = Data("duplicates");
        using RandomProjectionForest fine = RandomProjectionForest.Build(
            vectors, dimensions, Metric.Cosine, new() { Trees = 1, LeafSize = 3 });
        using RandomProjectionForest coarse = RandomProjectionForest.Build(
            vectors, dimensions, Metric.Cosine, new() { Trees = 1, LeafSize = leafSize });
        GrownTree cut = Grown(fine).Prune(leafSize), expected = Grown(coarse);
        Assert.Equal(expected.Nodes, cut.Nodes);
        Assert.Equal(expected.Normals, cut.Normals);
    }

    [Fact]
    public void Tuning_does_not_depend_on_threads_and_survives_the_file()
    {
        (float[] vectors, _, int dimensions) = Data("clustered");
        using var folder = new TemporaryFolder();
        byte[][] files = [.. new[] { 1, 3 }.Select(threads =>
        {
            using RandomProjectionForest forest = RandomProjectionForest.Build(
                vectors, dimensions, Metric.Euclidean, new() { TargetRecall = 0.9, TargetNeighbors = 7, MaxThreads = threads });
            forest.Save(folder.File("forest"));
            using var opened = (RandomProjectionForest)VectorIndex.Open(folder.File("forest"));
            Assert.Equal(forest.Tuning, opened.Tuning);
            Assert.Equal(forest.Options, opened.Options);
            return File.ReadAllBytes(folder.File("forest"));
        })];
        Assert.Equal(files[0], files[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    public void Few_rows_are_searched_exactly(int count)
    {
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            TestData.Gaussian(count, 4, 1), 4, Metric.Euclidean, new() { TargetRecall = 0.9 });
        Assert.Equal(Math.Max(1, count), forest.Tuning!.SearchEffort);
        Assert.Equal(Math.Min(5, count), TestData.Search(forest, new float[4], 5).Length);
    }

    [Fact]
    public void Given_options_are_kept_and_invalid_targets_are_rejected()
    {
        (float[] vectors, _, int dimensions) = Data("clustered");
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            vectors, dimensions, Metric.Euclidean, new() { TargetRecall = 0.9, Trees = 5, LeafSize = 17 });
        Assert.Equal((5, 17), (forest.Tuning!.Trees, forest.Tuning.LeafSize));
        foreach (double target in (double[])[0, -1, 1.01, double.NaN])
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => RandomProjectionForest.Build(vectors, dimensions, Metric.Euclidean, new() { TargetRecall = target }).Dispose());
        }

        Assert.Throws<ArgumentOutOfRangeException>(
            () => RandomProjectionForest.Build(vectors, dimensions, Metric.Euclidean, new() { TargetNeighbors = 0 }).Dispose());
    }

    private static unsafe GrownTree Grown(RandomProjectionForest forest)
    {
        ForestTrees trees = forest.Trees;
        int bytes = trees.CodedNormals != null
            ? ScalarQuantizedCodes.StrideOf(forest.Dimensions)
            : VectorRows.StrideOf(forest.Dimensions) * sizeof(float);
        byte* normals = trees.CodedNormals != null ? (byte*)trees.CodedNormals : (byte*)trees.Normals;
        return new GrownTree(
            [.. new ReadOnlySpan<ForestNode>(trees.Nodes, trees.NodeCount)],
            [.. Enumerable.Range(0, trees.NormalCount).Select(i => new ReadOnlySpan<byte>(normals + (i * bytes), bytes).ToArray())]);
    }

    private static (float[] Vectors, float[] Queries, int Dimensions) Data(string name)
    {
        const int Count = 6000, Queries = 300;
        int dimensions = name == "flat" ? 12 : name == "clustered" ? 32 : 16;
        float[] all = name == "flat"
            ? TestData.Gaussian(Count + Queries, dimensions, 41)
            : TestData.Clustered(Count + Queries, dimensions, 50, 41);
        for (int row = 0; name == "duplicates" && row < Count + Queries; row++)
        {
            // Two in three rows are one of a hundred points, and so are the queries.
            if (row % 3 != 0)
            {
                TestData.Row(all, dimensions, 3 * (row * 7 % 100)).CopyTo(all.AsSpan(row * dimensions));
            }
        }

        return (all[..(Count * dimensions)], all[(Count * dimensions)..], dimensions);
    }
}
