using System.Buffers.Binary;

namespace SimNet.Index.Tests;

/// <summary>
/// Annoy files have no checksum: a damaged, foreign or fabricated file is rejected, or at worst gives a wrong answer.
/// </summary>
public sealed class AnnoyDamagedFileTests
{
    private const int Dimensions = 5;
    private const int Count = 60;

    public static TheoryData<string> Names() => ["euclidean", "angular", "dot", "dot-next", "gaps"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_flipped_bit_is_rejected_or_answered_with_existing_rows(string name)
    {
        using var folder = new TemporaryFolder();
        (byte[] good, Metric metric) = Load(name);
        var random = new SeededRandom(5, good.Length);
        int rejected = 0, answered = 0;
        for (int round = 0; round < 1000; round++)
        {
            byte[] bad = [.. good];
            for (int flip = random.NextInt32(3); flip >= 0; flip--)
            {
                bad[random.NextInt32(bad.Length)] ^= (byte)(1 << random.NextInt32(8));
            }

            Try(folder, bad, metric, ref rejected, ref answered);
        }

        // Most bits belong to vectors, but not all.
        Assert.InRange(rejected, 50, 950);
        Assert.InRange(answered, 50, 950);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_children_and_counts_are_rejected_or_give_existing_rows(string name)
    {
        using var folder = new TemporaryFolder();
        (byte[] good, Metric metric) = Load(name);
        AnnoyLayout layout = LayoutOf(name, metric);
        int nodes = good.Length / layout.NodeSize;
        var random = new SeededRandom(6, good.Length);
        int rejected = 0, answered = 0;
        for (int round = 0; round < 1000; round++)
        {
            byte[] bad = [.. good];
            int node = random.NextInt32(nodes);
            int field = random.NextInt32(3);
            int position = (node * layout.NodeSize) + (field == 0 ? 0 : layout.ChildrenAt + ((field - 1) * 4));
            int old = BinaryPrimitives.ReadInt32LittleEndian(bad.AsSpan(position));
            int value = random.NextInt32(5) switch
            {
                0 => old + random.NextInt32(5) - 2,
                1 => random.NextInt32(nodes + 4) - 2,
                2 => random.NextInt32(10),
                3 => int.MaxValue - random.NextInt32(3),
                _ => int.MinValue + random.NextInt32(3),
            };
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(position), value);
            Try(folder, bad, metric, ref rejected, ref answered);
        }

        Assert.InRange(rejected, 250, 990);
        Assert.InRange(answered, 10, 750);
    }

    [Theory]
    [MemberData(nameof(Names))]
    [InlineData("one-node")]
    [InlineData("one-item")]
    [InlineData("two-far-numbers")]
    public void A_truncated_or_extended_file_is_rejected_unless_nothing_is_lost(string name)
    {
        using var folder = new TemporaryFolder();
        AnnoyGolden golden = AnnoyGolden.All.First(golden => golden.Name == name);
        byte[] good = File.ReadAllBytes(golden.Path);
        int accepted = 0;
        for (int length = 0; length <= good.Length + 100; length++)
        {
            // Lengths of whole floats include the lengths of whole nodes; other lengths are sampled.
            if (length == good.Length || (length % 4 != 0 && length % 101 != 0))
            {
                continue;
            }

            byte[] bad = new byte[length];
            good.AsSpan(0, Math.Min(length, good.Length)).CopyTo(bad);
            File.WriteAllBytes(folder.File("bad.ann"), bad);
            try
            {
                // A file of zeros is an index without items, and equal trees can lose one.
                using RandomProjectionForest forest = AnnoyFile.Read(folder.File("bad.ann"), golden.Dimensions, golden.Metric, out _);
                Assert.True(forest.Count == golden.Count || bad.All(value => value == 0), $"{forest.Count} items after {length} bytes");
                accepted++;
            }
            catch (IndexFormatException)
            {
            }
        }

        // None of the usual files, whose trees differ, is accepted.
        Assert.InRange(accepted, 0, golden.Count is 60 ? 0 : good.Length / 16);
    }

    [Theory]
    [InlineData("euclidean", Metric.Cosine, 5)]
    [InlineData("euclidean", Metric.InnerProduct, 5)]
    [InlineData("euclidean", Metric.Euclidean, 4)]
    [InlineData("euclidean", Metric.Euclidean, 6)]
    [InlineData("angular", Metric.Euclidean, 5)]
    [InlineData("angular", Metric.Euclidean, 4)]
    [InlineData("angular", Metric.InnerProduct, 4)]
    [InlineData("dot", Metric.Euclidean, 5)]
    [InlineData("dot-next", Metric.Euclidean, 7)]
    public void Another_metric_or_number_of_dimensions_is_rejected(string name, Metric metric, int dimensions)
    {
        (byte[] good, _) = Load(name);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("bad.ann"), good);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(
            () => AnnoyFile.Read(folder.File("bad.ann"), dimensions, metric).Dispose());
        Assert.Equal(folder.File("bad.ann"), exception.File);
    }

    [Fact]
    public void Foreign_files_are_rejected()
    {
        using var folder = new TemporaryFolder();
        byte[] text = [.. Enumerable.Repeat("Annoy has no header.\n"u8.ToArray(), 36 * 4).SelectMany(line => line)];
        byte[] ones = [.. Enumerable.Repeat((byte)0xff, 36 * 100)];
        byte[] zerosButOne = new byte[36 * 100];
        zerosButOne[1000] = 1;
        foreach (byte[] bad in (byte[][])[[], [1], new byte[35], text, ones, zerosButOne])
        {
            Assert.Throws<IndexFormatException>(() => Open(folder, bad, Metric.Euclidean).Dispose());
        }
    }

    [Fact]
    public void A_node_with_two_parents_is_rejected_by_number()
    {
        // Both children of each split are the node before it: few nodes, but 2^n paths.
        RejectsChanged("is the child of two nodes", (file, layout, splits) =>
        {
            foreach (int split in splits)
            {
                SetChildren(file, layout, split, split - 1, split - 1);
            }
        });
    }

    [Fact]
    public void A_node_that_is_its_own_child_is_rejected_by_number() =>
        RejectsChanged("is the child of two nodes", (file, layout, splits) =>
            splits.ForEach(split => SetChildren(file, layout, split, split, split)));

    [Fact]
    public void A_child_outside_the_file_is_rejected_by_number() =>
        RejectsChanged("has child 2147483647; expected one of", (file, layout, splits) =>
            splits.ForEach(split => SetChildren(file, layout, split, int.MaxValue, 0)));

    [Fact]
    public void A_NaN_normal_is_rejected_by_node_number() =>
        RejectsChanged("has a normal with a squared length of NaN", (file, layout, splits) =>
            splits.ForEach(split => BinaryPrimitives.WriteSingleLittleEndian(
                file.AsSpan((split * layout.NodeSize) + layout.VectorAt), float.NaN)));

    [Fact]
    public void An_infinite_offset_is_rejected_by_node_number() =>
        RejectsChanged("has a hyperplane with the offset", (file, layout, splits) =>
            splits.ForEach(split => BinaryPrimitives.WriteSingleLittleEndian(
                file.AsSpan((split * layout.NodeSize) + layout.ConstantAt), float.PositiveInfinity)));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e20f)]
    public void An_invalid_item_is_rejected_by_number(float value) =>
        RejectsChanged("node 7 has a component that is not finite or is too large", (file, layout, _) =>
            BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan((7 * layout.NodeSize) + layout.VectorAt + 8), value));

    [Theory]
    [InlineData("angular")]
    [InlineData("dot")]
    [InlineData("dot-next")]
    public void An_item_whose_vector_does_not_match_its_norm_is_rejected(string name)
    {
        using var folder = new TemporaryFolder();
        (byte[] bad, Metric metric) = Load(name);
        AnnoyLayout layout = LayoutOf(name, metric);
        BinaryPrimitives.WriteSingleLittleEndian(bad.AsSpan((7 * layout.NodeSize) + layout.VectorAt + 8), 3);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(() => Open(folder, bad, metric).Dispose());
        Assert.Contains("node 7 states a squared norm of", exception.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void More_trees_than_fit_in_the_file_are_rejected_before_allocation()
    {
        // 500 items and 100,000 roots: lists of 50 million rows from a file of 4 MB.
        using var folder = new TemporaryFolder();
        AnnoyLayout layout = AnnoyLayout.Of(Metric.Euclidean, Dimensions)[0];
        const int Items = 500, Roots = 100_000;
        byte[] bad = new byte[(Items + Roots) * layout.NodeSize];
        for (int node = 0; node < Items + Roots; node++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(node * layout.NodeSize), node < Items ? 1 : Items);
            SetChildren(bad, layout, node, node, node);
        }

        // The node before the last one equals it, as if they were copies of a root.
        bad.AsSpan(bad.Length - layout.NodeSize).CopyTo(bad.AsSpan(bad.Length - (2 * layout.NodeSize)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        IndexFormatException exception = Assert.Throws<IndexFormatException>(() => Open(folder, bad, Metric.Euclidean).Dispose());
        Assert.Contains("99999 trees of 500 items do not fit in 100000 nodes", exception.Problem, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * bad.Length);
    }

    [Fact]
    public void Invalid_arguments_are_rejected_by_name()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentOutOfRangeException>("dimensions", () => AnnoyFile.Read("x", 0, Metric.Euclidean));
        Assert.Throws<ArgumentOutOfRangeException>("dimensions", () => AnnoyFile.Read("x", 65_537, Metric.Euclidean));
        Assert.Throws<ArgumentOutOfRangeException>("metric", () => AnnoyFile.Read("x", 5, (Metric)3));
        Assert.Throws<ArgumentException>("path", () => AnnoyFile.Read("", 5, Metric.Euclidean));
        Assert.Throws<FileNotFoundException>(() => AnnoyFile.Read(folder.File("none"), 5, Metric.Euclidean));
        Assert.Throws<ArgumentNullException>("forest", () => AnnoyFile.Write(null!, folder.File("none")));
    }

    [Fact]
    public void A_canceled_or_disposed_write_keeps_the_old_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("old.ann"), "old");
        RandomProjectionForest forest = RandomProjectionForest.Build(TestData.Gaussian(Count, Dimensions, 1), Dimensions, Metric.Euclidean);
        Assert.Throws<OperationCanceledException>(
            () => AnnoyFile.Write(forest, folder.File("old.ann"), new CancellationToken(canceled: true)));
        forest.Dispose();
        Assert.Throws<ObjectDisposedException>(() => AnnoyFile.Write(forest, folder.File("old.ann")));
        Assert.Equal("old", File.ReadAllText(folder.File("old.ann")));
        Assert.Equal(["old.ann"], folder.FileNames);
        string golden = Path.Combine(AnnoyGolden.Folder, "dot.ann");
        Assert.Throws<OperationCanceledException>(
            () => AnnoyFile.Read(golden, Dimensions, Metric.InnerProduct, new CancellationToken(canceled: true)));
    }

    private static (byte[] File, Metric Metric) Load(string name)
    {
        AnnoyGolden golden = AnnoyGolden.All.First(golden => golden.Name == name);
        return (File.ReadAllBytes(golden.Path), golden.Metric);
    }

    private static AnnoyLayout LayoutOf(string name, Metric metric) => AnnoyLayout.Of(metric, Dimensions)[name == "dot-next" ? 1 : 0];

    private static RandomProjectionForest Open(TemporaryFolder folder, byte[] file, Metric metric)
    {
        File.WriteAllBytes(folder.File("bad.ann"), file);
        return AnnoyFile.Read(folder.File("bad.ann"), Dimensions, metric, out _);
    }

    private static void Try(TemporaryFolder folder, byte[] file, Metric metric, ref int rejected, ref int answered)
    {
        try
        {
            using RandomProjectionForest forest = Open(folder, file, metric);
            float[] query = TestData.Gaussian(1, Dimensions, 3);
            Neighbor[] all = TestData.Search(forest, query, Count, new SearchOptions { SearchEffort = Count });
            Assert.Equal(forest.Count, all.Length);
            Assert.All(all, neighbor => Assert.InRange(neighbor.Id, 0, forest.Count - 1));
            Assert.All(all, neighbor => Assert.True(float.IsFinite(neighbor.Distance)));
            Assert.Equal(Math.Min(3, forest.Count), TestData.Search(forest, query, 3, new SearchOptions { SearchEffort = 3 }).Length);
            answered++;
        }
        catch (IndexFormatException)
        {
            rejected++;
        }
    }

    /// <summary>Changes the splits of the valid Euclidean file except the roots, or its items.</summary>
    private static void RejectsChanged(string reason, Action<byte[], AnnoyLayout, List<int>> change)
    {
        using var folder = new TemporaryFolder();
        (byte[] bad, Metric metric) = Load("euclidean");
        AnnoyLayout layout = LayoutOf("euclidean", metric);
        int nodes = bad.Length / layout.NodeSize;
        int[] descendants = [.. Enumerable.Range(0, nodes).Select(node => BitConverter.ToInt32(bad, node * layout.NodeSize))];
        List<int> splits = [.. Enumerable.Range(0, nodes).Where(node => descendants[node] > layout.Capacity && descendants[node] < Count)];
        change(bad, layout, splits);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(() => Open(folder, bad, metric).Dispose());
        Assert.Contains("node ", exception.Problem, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Problem, StringComparison.Ordinal);
    }

    private static void SetChildren(byte[] file, AnnoyLayout layout, int node, int left, int right)
    {
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan((node * layout.NodeSize) + layout.ChildrenAt), left);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan((node * layout.NodeSize) + layout.ChildrenAt + 4), right);
    }
}
