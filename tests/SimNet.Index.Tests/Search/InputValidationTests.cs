namespace SimNet.Index.Tests;

/// <summary>Input validation of every kind of index.</summary>
public sealed class InputValidationTests
{
    internal static readonly string[] AllKinds = ["exact", "forest", "graph", "updatable-exact", "updatable-forest", "updatable-graph"];

    public static TheoryData<string> KindNames() => [.. AllKinds];

    public static TheoryData<string, Metric> Kinds()
    {
        var kinds = new TheoryData<string, Metric>();
        foreach (Metric metric in TestData.Metrics)
        {
            foreach (string kind in AllKinds)
            {
                kinds.Add(kind, metric);
            }
        }

        return kinds;
    }

    /// <summary>
    /// Builds an index whose IDs are row positions. An updatable one is built from three quarters of the vectors; the rest are added.
    /// </summary>
    internal static IVectorIndex Build(string kind, float[] vectors, int dimensions, Metric metric)
    {
        if (kind.StartsWith("updatable-", StringComparison.Ordinal))
        {
            bool isWhole = dimensions > 0 && vectors.Length % dimensions == 0;
            int built = isWhole ? vectors.Length / dimensions * 3 / 4 * dimensions : vectors.Length;
            var index = new UpdatableIndex(Build(kind["updatable-".Length..], vectors[..built], dimensions, metric));
            for (int start = built; start < vectors.Length; start += dimensions)
            {
                index.Add(vectors.AsSpan(start, dimensions));
            }

            return index;
        }

        return kind switch
        {
            "exact" => ExactIndex.Build(vectors, dimensions, metric),
            "forest" => RandomProjectionForest.Build(
                vectors, dimensions, metric, new RandomProjectionForestOptions { Trees = 3, LeafSize = 4 }),
            _ => NeighborGraph.Build(vectors, dimensions, metric, new NeighborGraphOptions { MaxDegree = 8, BuildEffort = 20 }),
        };
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_index_describes_itself(string kind, Metric metric)
    {
        using IVectorIndex index = Build(kind, TestData.Gaussian(20, 7, 1), 7, metric);
        Assert.Equal((20, 7, metric, kind), (index.Count, index.Dimensions, index.Metric, index.Kind));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_empty_index_finds_nothing(string kind, Metric metric)
    {
        using IVectorIndex index = Build(kind, [], 5, metric);
        Assert.Equal(0, index.Count);
        Assert.Equal(0, index.Search(new float[5], new Neighbor[3]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_search_for_more_rows_than_exist_finds_all(string kind, Metric metric)
    {
        float[] vectors = TestData.Gaussian(20, 7, 1);
        using IVectorIndex index = Build(kind, vectors, 7, metric);
        Neighbor[] found = TestData.Search(index, new float[] { 1, 2, 3, 4, 5, 6, 7 }, 50, new SearchOptions { SearchEffort = 20 });
        Assert.Equal(Enumerable.Range(0, 20), found.Select(neighbor => neighbor.Id).Order());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_search_for_no_rows_still_validates_the_query(string kind, Metric metric)
    {
        using IVectorIndex index = Build(kind, TestData.Gaussian(20, 7, 1), 7, metric);
        Assert.Equal(0, index.Search(new float[7], []));
        Assert.Throws<ArgumentException>(() => index.Search(new float[6], []));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_effort_below_the_number_of_neighbors_counts_as_that_number(string kind, Metric metric)
    {
        using IVectorIndex index = Build(kind, TestData.Gaussian(50, 7, 1), 7, metric);
        Assert.Equal(30, TestData.Search(index, new float[7], 30, new SearchOptions { SearchEffort = 1 }).Length);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_component_that_is_not_finite_is_rejected_with_its_position(float bad, string name)
    {
        float[] vectors = TestData.Gaussian(20, 7, 1);
        foreach ((string kind, Metric metric) in Kinds().Select(row => ((string)row[0], (Metric)row[1])))
        {
            vectors[(7 * 13) + 5] = 1;
            using IVectorIndex index = Build(kind, vectors, 7, metric);
            string query = Assert.Throws<ArgumentException>(() => index.Search([0, 0, 0, 0, bad, 0, 0], new Neighbor[1])).Message;
            Assert.Contains($"query, column 4 is {name}", query, StringComparison.Ordinal);

            vectors[(7 * 13) + 5] = bad;
            string build = Assert.Throws<ArgumentException>(() => Build(kind, vectors, 7, metric)).Message;
            Assert.Contains($"Row 13, column 5 is {name}", build, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_largest_norms_give_finite_distances_and_larger_are_rejected(string kind, Metric metric)
    {
        float[] vectors = [0.9e18f, 0, -0.9e18f, 0, 0, 0.9e18f, 0, 0];
        using IVectorIndex index = Build(kind, vectors, 2, metric);
        Neighbor[] found = TestData.Search(index, [0.9e18f, 0.1e18f], 4);
        Assert.Equal(4, found.Length);
        Assert.All(found, neighbor => Assert.True(float.IsFinite(neighbor.Distance)));
        Assert.Contains(
            "norm 1.27e+18",
            Assert.Throws<ArgumentException>(() => Build(kind, [0.9e18f, 0.9e18f], 2, metric)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => index.Search([3e38f, 3e38f], new Neighbor[1]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Lengths_that_do_not_match_are_rejected(string kind, Metric metric)
    {
        Assert.Contains(
            "20 values", Assert.Throws<ArgumentException>(() => Build(kind, new float[20], 7, metric)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(kind, [], 0, metric));
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(kind, [], -1, metric));
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(kind, [], 65537, metric));
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(kind, [1], 1, metric + 3));
        using IVectorIndex index = Build(kind, new float[21], 7, metric);
        string message = Assert.Throws<ArgumentException>(() => index.Search(new float[8], new Neighbor[1])).Message;
        Assert.Contains("8 dimensions; the index has 7", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => index.Search(new float[7], new Neighbor[1], new SearchOptions { SearchEffort = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestData.Vector(index, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestData.Vector(index, 3));
        Assert.Throws<ArgumentException>(() => index.GetVector(0, new float[index.Dimensions + 1]));
    }

    [Fact]
    public void Forest_options_out_of_range_are_rejected()
    {
        RandomProjectionForestOptions[] invalid = [new() { Trees = 0 }, new() { LeafSize = 0 }, new() { MaxThreads = -1 }];
        foreach (RandomProjectionForestOptions options in invalid)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => RandomProjectionForest.Build(new float[4], 2, Metric.Euclidean, options));
        }

        Assert.Throws<ArgumentException>(
            () => RandomProjectionForest.Build(new float[40], 1, Metric.Euclidean, new() { Trees = int.MaxValue }));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_disposed_index_throws(string kind, Metric metric)
    {
        IVectorIndex index = Build(kind, new float[21], 7, metric);
        index.Dispose();
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Search(new float[7], new Neighbor[1]));
        Assert.Throws<ObjectDisposedException>(() => TestData.Vector(index, 0));
        Assert.Throws<ObjectDisposedException>(() => index.Save("never-written"));
        Assert.False(File.Exists("never-written"));
    }
}
