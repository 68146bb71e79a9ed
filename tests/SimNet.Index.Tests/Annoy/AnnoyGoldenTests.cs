namespace SimNet.Index.Tests;

/// <summary>Files written by Annoy itself, with its answers.</summary>
public sealed class AnnoyGoldenTests
{
    public static TheoryData<string> Names() => [.. AnnoyGolden.All.Select(golden => golden.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Vectors_and_item_numbers_equal_those_given_to_Annoy(string name)
    {
        AnnoyGolden golden = AnnoyGolden.All.First(golden => golden.Name == name);
        using RandomProjectionForest forest = AnnoyFile.Read(golden.Path, golden.Dimensions, golden.Metric, out int[] items);
        Assert.Equal(golden.Items, items);
        Assert.Equal(golden.Count, forest.Count);
        Assert.Equal(golden.Metric, forest.Metric);
        float[] vectors = golden.Numbers();
        for (int row = 0; row < golden.Count; row++)
        {
            float[] expected = TestData.Row(vectors, golden.Dimensions, row).ToArray();
            double length = golden.Metric == Metric.Cosine ? Math.Sqrt(expected.Sum(number => (double)number * number)) : 1;
            Assert.Equal(expected.Select(number => (float)(number / length)), TestData.Vector(forest, row));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void At_full_effort_neighbors_and_distances_equal_Annoys(string name)
    {
        AnnoyGolden[] lines = [.. AnnoyGolden.All.Where(golden => golden.Name == name && golden.SearchEffort == 100_000)];
        Assert.Equal(3, lines.Length);
        Assert.All(lines, CheckSame);
    }

    [Theory]
    [InlineData("euclidean-one-tree")]
    [InlineData("angular-one-tree")]
    [InlineData("dot-one-tree")]
    [InlineData("dot-next-one-tree")]
    public void At_any_effort_one_tree_gives_the_same_neighbors_as_Annoy(string name)
    {
        // With several trees, Annoy counts a row once for each tree that contains it, and this library counts it once.
        AnnoyGolden[] lines = [.. AnnoyGolden.All.Where(golden => golden.Name == name)];
        Assert.Equal(12, lines.Length);
        Assert.All(lines, CheckSame);

        // The answers must not all equal those of full searches.
        Assert.Contains(
            lines, line => !line.Found.SequenceEqual(lines.Single(full => full.Query == line.Query && full.SearchEffort == 100_000).Found));
    }

    [Theory]
    [InlineData("euclidean", 3)]
    [InlineData("angular", 3)]
    [InlineData("dot", 3)]
    [InlineData("dot-next", 3)]
    [InlineData("gaps", 3)]
    [InlineData("two-far-numbers", 1)]
    [InlineData("one-far-number", 1)]
    [InlineData("one-node", 1)]
    [InlineData("gaps-in-one-node", 1)]
    [InlineData("no-items", 1)]
    public void Each_tree_is_read_once_and_equal_trees_count_as_one(string name, int trees)
    {
        AnnoyGolden golden = AnnoyGolden.All.First(golden => golden.Name == name);
        using RandomProjectionForest forest = AnnoyFile.Read(golden.Path, golden.Dimensions, golden.Metric, out _);
        Assert.Equal(trees, forest.Options.Trees);
    }

    [Theory]
    [InlineData("gaps", "30 of 45 item numbers, including 1,")]
    [InlineData("gaps-in-one-node", "2 of 5 item numbers, including 1,")]
    [InlineData("one-far-number", "20 of 21 item numbers, including 19,")]
    public void Missing_items_are_rejected_without_an_item_list(string name, string reason)
    {
        AnnoyGolden golden = AnnoyGolden.All.First(golden => golden.Name == name);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(
            () => AnnoyFile.Read(golden.Path, golden.Dimensions, golden.Metric).Dispose());
        Assert.Contains(reason, exception.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forest_read_from_Annoy_can_be_saved_and_opened()
    {
        using var folder = new TemporaryFolder();
        foreach (AnnoyGolden golden in AnnoyGolden.All.Where(golden => golden.SearchEffort == 20 && golden.Query == 0))
        {
            using RandomProjectionForest forest = AnnoyFile.Read(golden.Path, golden.Dimensions, golden.Metric, out _);
            forest.Save(folder.File(golden.Name));
            using IVectorIndex opened = VectorIndex.Open(folder.File(golden.Name));
            var options = new SearchOptions { SearchEffort = 20 };
            Assert.Equal(
                TestData.Search(forest, golden.QueryVector(), 10, options), TestData.Search(opened, golden.QueryVector(), 10, options));
        }
    }

    private static void CheckSame(AnnoyGolden golden)
    {
        using RandomProjectionForest forest = AnnoyFile.Read(golden.Path, golden.Dimensions, golden.Metric, out int[] items);
        Neighbor[] found = TestData.Search(forest, golden.QueryVector(), 10, new SearchOptions { SearchEffort = golden.SearchEffort });
        Assert.Equal(golden.Found.Select(neighbor => neighbor.Item), found.Select(neighbor => items[neighbor.Id]));
        Assert.All(
            golden.Found.Zip(found),
            pair => Assert.Equal(pair.First.Distance, AnnoyGolden.AnnoyDistance(golden.Metric, pair.Second.Distance), 2e-6));
    }
}
