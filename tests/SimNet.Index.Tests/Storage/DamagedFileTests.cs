using System.Buffers.Binary;

namespace SimNet.Index.Tests;

/// <summary>Files that are truncated, altered, foreign, or fabricated with valid checksums.</summary>
public sealed class DamagedFileTests
{
    private const int Dimensions = 5;
    private const int Count = 60;
    private const int NodeSize = 20;

    private static readonly float[] Vectors = TestData.Clustered(Count, Dimensions, 6, 1);
    private static readonly float[] Query = TestData.Clustered(1, Dimensions, 6, 2);

    public static TheoryData<string> Kinds() => InputValidationTests.KindNames();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_truncated_or_extended_file_is_rejected(string kind)
    {
        using var folder = new TemporaryFolder();
        byte[] good = Save(folder, kind, Metric.Euclidean);
        for (int length = 0; length <= good.Length + 70; length += length is < 300 || length > good.Length - 130 ? 1 : 17)
        {
            if (length == good.Length)
            {
                continue;
            }

            byte[] bad = new byte[length];
            good.AsSpan(0, Math.Min(length, good.Length)).CopyTo(bad);
            Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true));
            Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: false));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_is_rejected_at_any_position(string kind)
    {
        using var folder = new TemporaryFolder();
        foreach (Metric metric in TestData.Metrics)
        {
            byte[] good = Save(folder, kind, metric);
            foreach (byte[] bad in Flips(good, 600, metric))
            {
                Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_unverified_flipped_bit_gives_at_worst_a_wrong_answer(string kind)
    {
        using var folder = new TemporaryFolder();
        foreach (Metric metric in TestData.Metrics)
        {
            byte[] good = Save(folder, kind, metric);
            foreach (byte[] bad in Flips(good, 600, metric))
            {
                try
                {
                    Answer(folder, bad, verify: false);
                }
                catch (IndexFormatException)
                {
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_fabricated_file_with_valid_checksums_gives_at_worst_a_wrong_answer(string kind)
    {
        using var folder = new TemporaryFolder();
        int accepted = 0, rejected = 0;
        foreach (Metric metric in TestData.Metrics)
        {
            byte[] good = Save(folder, kind, metric);
            foreach (byte[] bad in Flips(good, 900, metric + 10))
            {
                FixChecksums(bad);
                try
                {
                    Neighbor[] found = Answer(folder, bad, verify: true);
                    Assert.All(found, neighbor => Assert.False(float.IsNaN(neighbor.Distance)));
                    accepted++;
                }
                catch (IndexFormatException)
                {
                    rejected++;
                }
            }
        }

        // Some files must pass the checksums, and some must be rejected by later checks.
        Assert.InRange(accepted, 100, 2600);
        Assert.InRange(rejected, 100, 2600);
    }

    [Fact]
    public void A_changed_tree_structure_gives_at_worst_a_wrong_answer()
    {
        // Integers instead of bits: children, leaves and rows of a plausible but wrong tree.
        using var folder = new TemporaryFolder();
        byte[] good = Save(folder, "forest", Metric.Euclidean);
        var random = new SeededRandom(9);
        IndexSection[] sections = [IndexSection.Parameters, IndexSection.Roots, IndexSection.Nodes, IndexSection.Leaves];
        int rejected = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] bad = [.. good];
            IndexSection section = sections[random.NextInt32(sections.Length)];
            (int start, int length) = Find(bad, section);
            int position = start + (4 * random.NextInt32(length / 4));
            int old = BinaryPrimitives.ReadInt32LittleEndian(bad.AsSpan(position));
            int value = random.NextInt32(4) switch
            {
                0 => old + random.NextInt32(5) - 2,
                1 => random.NextInt32(80) - 4,
                2 => int.MaxValue - random.NextInt32(3),
                _ => int.MinValue + random.NextInt32(3),
            };
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(position), value);
            FixChecksums(bad);
            foreach (bool verify in (bool[])[true, false])
            {
                try
                {
                    Answer(folder, bad, verify);
                }
                catch (IndexFormatException)
                {
                    rejected++;
                }
            }
        }

        Assert.InRange(rejected, 3000, 6000);
    }

    [Theory]
    [InlineData("updatable-exact")]
    [InlineData("updatable-forest")]
    [InlineData("updatable-graph")]
    public async Task Changed_IDs_and_updates_give_at_worst_a_wrong_answer(string kind)
    {
        using var folder = new TemporaryFolder();
        byte[] good = Save(folder, kind, Metric.Cosine);
        var random = new SeededRandom(10);
        IndexSection[] sections = [IndexSection.Updates, IndexSection.Ids, IndexSection.Removed, IndexSection.Added];
        int rejected = 0, accepted = 0;
        for (int round = 0; round < 1000; round++)
        {
            byte[] bad = [.. good];
            IndexSection section = sections[random.NextInt32(sections.Length)];
            (int start, int length) = Find(bad, section);
            int position = start + (4 * random.NextInt32(length / 4));
            int value = random.NextInt32(4) switch
            {
                0 => BinaryPrimitives.ReadInt32LittleEndian(bad.AsSpan(position)) + random.NextInt32(5) - 2,
                1 => random.NextInt32(80) - 4,
                2 => int.MaxValue - random.NextInt32(3),
                _ => int.MinValue + random.NextInt32(3),
            };
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(position), value);
            FixChecksums(bad);
            bool verify = round % 2 == 0;
            try
            {
                using var index = (UpdatableIndex)Open(folder, bad, verify);
                Answer(index);
                int next = index.IdLimit;
                index.Remove(next - 1);
                if (next < int.MaxValue)
                {
                    Assert.Equal(next, index.Add(Query));
                }
                else
                {
                    Assert.Throws<InvalidOperationException>(() => index.Add(Query));
                }

                await index.CompactAsync();
                Assert.Equal(index.Count, Answer(index).Select(found => found.Id).Distinct().Count());
                accepted++;
            }
            catch (IndexFormatException)
            {
                rejected++;
            }
            catch (InvalidDataException) when (!verify && section == IndexSection.Added)
            {
                rejected++;
            }
        }

        Assert.InRange(rejected, 100, 900);
        Assert.InRange(accepted, 100, 900);
    }

    [Theory]
    [InlineData("Updates", 0, 16, "index kind 16")]
    [InlineData("Updates", 0, 9, "index kind 9")]
    [InlineData("Updates", 1, 58, "from ID 58 on")]
    [InlineData("Updates", 1, 59, "ID 59 after 58")]
    [InlineData("Updates", 1, int.MaxValue - 9, "10 vectors added from ID 2147483638 on")]
    [InlineData("Updates", 2, -1, "-1 vectors added")]
    [InlineData("Updates", 2, 9, "has 640 bytes; expected 144 items")]
    [InlineData("Updates", 3, 1, "followed by 1")]
    [InlineData("Ids", 0, -1, "ID -1 after -1")]
    [InlineData("Ids", 4, 3, "ID 3 after 3")]
    [InlineData("Ids", 58, 60, "ID 60 after 58")]
    [InlineData("Removed", 1, int.MinValue, "beyond the 59")]
    [InlineData("Removed", 2, 1 << 10, "beyond the 10")]
    public void Invalid_updates_are_rejected_with_the_reason(string section, int item, int value, string reason)
    {
        using var folder = new TemporaryFolder();
        byte[] bad = Save(folder, "updatable-exact", Metric.Euclidean);
        (int start, _) = Find(bad, Enum.Parse<IndexSection>(section));
        BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start + (4 * item)), value);
        FixChecksums(bad);
        Assert.Contains(
            reason, Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_with_shared_children_is_rejected_or_searched_to_a_limit()
    {
        // Both children of node i are node i + 1, and the last node is a leaf with all rows: few nodes, but 2^n paths.
        using var folder = new TemporaryFolder();
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            Vectors, Dimensions, Metric.Euclidean, new() { Trees = 1, LeafSize = 2 });
        forest.Save(folder.File("good"));
        byte[] bad = File.ReadAllBytes(folder.File("good"));
        (int start, int length) = Find(bad, IndexSection.Nodes);
        BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start + length - NodeSize + 4), 0);
        BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start + length - NodeSize + 8), Count - 1);
        for (int node = 0; node < (length / NodeSize) - 1; node++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start + (NodeSize * node)), ForestNode.RandomSplit);
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start + (NodeSize * node) + 4), node + 1);
            BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start + (NodeSize * node) + 8), node + 1);
        }

        FixChecksums(bad);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true));
        Assert.Equal("nodes", exception.Section);
        Assert.Contains("that has no parent yet", exception.Problem, StringComparison.Ordinal);

        // One row is in no leaf, and the effort is all rows but one: a search that followed every path would not terminate.
        using IVectorIndex index = Open(folder, bad, verify: false);
        Assert.All(
            TestData.Search(index, Query, 10, new SearchOptions { SearchEffort = Count - 1, Filter = row => row != 7 }),
            neighbor => Assert.InRange(neighbor.Id, 0, Count - 1));
    }

    [Theory]
    [InlineData(Count)]
    [InlineData(-1)]
    [InlineData(null)]
    public void A_tree_without_one_of_the_rows_is_rejected(int? row)
    {
        // Replaces the first row ID by an invalid one or by a duplicate of the second.
        using var folder = new TemporaryFolder();
        byte[] bad = Save(folder, "forest", Metric.Euclidean);
        (int start, _) = Find(bad, IndexSection.Leaves);
        BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(start), row ?? BinaryPrimitives.ReadInt32LittleEndian(bad.AsSpan(start + 4)));
        FixChecksums(bad);
        Assert.Equal("leaves", Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true)).Section);
        Answer(folder, bad, verify: false);
    }

    [Fact]
    public void Unverified_references_out_of_range_are_not_followed()
    {
        // Every value of the structure in turn, replaced by values just outside and far outside its range.
        using var folder = new TemporaryFolder();
        byte[] good = Save(folder, "forest", Metric.Euclidean);
        foreach (IndexSection section in (IndexSection[])[IndexSection.Roots, IndexSection.Nodes, IndexSection.Leaves])
        {
            (int start, int length) = Find(good, section);
            for (int position = start; position < start + length; position += 4)
            {
                foreach (int value in (int[])[-3, -1, length / 4, Count, int.MaxValue, int.MinValue])
                {
                    byte[] bad = [.. good];
                    BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(position), value);
                    Answer(folder, bad, verify: false);
                }
            }
        }
    }

    [Fact]
    public void Foreign_files_are_rejected()
    {
        using var folder = new TemporaryFolder();
        var random = new SeededRandom(8);
        byte[] noise = new byte[5000];
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)random.NextInt32(256);
        }

        byte[] zeros = new byte[5000];
        byte[] text = [.. Enumerable.Repeat("SIMNET is not an index.\n"u8.ToArray(), 40).SelectMany(line => line)];
        byte[] magicOnly = [.. "SIMNETIX"u8, .. noise];
        foreach (byte[] bad in (byte[][])[[], [1], noise, zeros, text, magicOnly])
        {
            Assert.Equal("header", Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true)).Section);
            Assert.Equal("header", Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: false)).Section);
        }
    }

    [Theory]
    [InlineData(8, 1, "version 1")]
    [InlineData(8, 4, "version 4")]
    [InlineData(12, 9, "kind 9")]
    [InlineData(12, 2, "7 sections; expected 13")]
    [InlineData(16, 3, "metric 3")]
    [InlineData(20, 0, "0 dimensions")]
    [InlineData(20, 17, "expected 1920 items")]
    [InlineData(20, int.MaxValue, "dimensions")]
    [InlineData(24, 61, "expected 976 items")]
    [InlineData(24, int.MaxValue, "expected")]
    [InlineData(28, 1, "rows")]
    [InlineData(32, 25, "25 sections")]
    [InlineData(40, 5, "missing")]
    [InlineData(48, 64, "starts at byte 64")]
    [InlineData(56, int.MaxValue, "the file has")]
    [InlineData(60, -1, "the file has")]
    public void An_invalid_header_is_rejected_with_the_reason(int position, int value, string reason)
    {
        using var folder = new TemporaryFolder();
        byte[] bad = Save(folder, "exact", Metric.Euclidean);
        BinaryPrimitives.WriteInt32LittleEndian(bad.AsSpan(position), value);
        FixHeaderChecksum(bad);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: false));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Equal(folder.File("bad"), exception.File);
    }

    [Theory]
    [InlineData(Metric.Euclidean, 0, float.NaN, "finite")]
    [InlineData(Metric.Euclidean, 4, 1e20f, "too large")]
    [InlineData(Metric.Euclidean, 5, 1f, "padding")]
    [InlineData(Metric.Cosine, 3, 5f, "normalized")]
    public void Invalid_stored_vectors_are_rejected(Metric metric, int column, float value, string reason)
    {
        using var folder = new TemporaryFolder();
        byte[] bad = Save(folder, "exact", metric);
        (int start, _) = Find(bad, IndexSection.Vectors);
        BinaryPrimitives.WriteSingleLittleEndian(bad.AsSpan(start + (4 * ((16 * 7) + column))), value);
        Assert.Contains(
            "checksum", Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true)).Problem, StringComparison.Ordinal);
        FixChecksums(bad);
        IndexFormatException exception = Assert.Throws<IndexFormatException>(() => Open(folder, bad, verify: true));
        Assert.Equal("vectors", exception.Section);
        Assert.Contains("row 7", exception.Problem, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Problem, StringComparison.Ordinal);
        Answer(folder, bad, verify: false);
    }

    private static byte[] Save(TemporaryFolder folder, string kind, Metric metric)
    {
        using IVectorIndex index = InputValidationTests.Build(kind, Vectors, Dimensions, metric);
        if (index is UpdatableIndex updatable)
        {
            Change(updatable);
        }

        index.Save(folder.File("good"));
        return File.ReadAllBytes(folder.File("good"));
    }

    /// <summary>Adds content to every section of the file.</summary>
    private static void Change(UpdatableIndex index)
    {
        index.Remove(7);
        index.CompactAsync().GetAwaiter().GetResult();
        index.Remove(20);
        for (int row = 0; row < 10; row++)
        {
            index.Add(TestData.Row(Vectors, Dimensions, row));
        }

        index.Remove(Count + 3);
    }

    private static IVectorIndex Open(TemporaryFolder folder, byte[] bytes, bool verify)
    {
        // Truncating a file makes some file systems wait for the disk, and this method is called tens of thousands of times.
        using (var stream = new FileStream(folder.File("bad"), FileMode.OpenOrCreate, FileAccess.Write))
        {
            stream.Write(bytes);
            stream.SetLength(bytes.Length);
        }

        return VectorIndex.Open(folder.File("bad"), new IndexOpenOptions { VerifyContents = verify });
    }

    private static Neighbor[] Answer(TemporaryFolder folder, byte[] bytes, bool verify)
    {
        using IVectorIndex index = Open(folder, bytes, verify);
        return Answer(index);
    }

    private static Neighbor[] Answer(IVectorIndex index)
    {
        var query = new float[index.Dimensions];
        Query.AsSpan(0, Math.Min(Query.Length, query.Length)).CopyTo(query);
        Neighbor[] all = TestData.Search(index, query, 2 * Count, new SearchOptions { SearchEffort = 2 * Count });
        Neighbor[] most = TestData.Search(index, query, 5, new SearchOptions { SearchEffort = Count - 1 });
        Neighbor[] first = TestData.Search(index, query, 1), ten = TestData.Search(index, query, 10);
        Neighbor[] found = [.. first, .. ten, .. most, .. all, .. index.SearchRange(query, 3)];
        int limit = index is UpdatableIndex ? index.IdLimit : Count;
        Assert.All(found, neighbor => Assert.InRange(neighbor.Id, 0, limit - 1));
        return found;
    }

    private static IEnumerable<byte[]> Flips(byte[] good, int count, Metric seed)
    {
        var random = new SeededRandom((long)seed, good.Length);
        for (int i = 0; i < count; i++)
        {
            byte[] bad = [.. good];

            // Half of the flips are in the first tenth, which contains the header and the small sections.
            int position = random.NextInt32(i % 2 == 0 ? good.Length : good.Length / 10);
            bad[position] ^= (byte)(1 << random.NextInt32(8));
            yield return bad;
        }
    }

    private static (int Start, int Length) Find(byte[] file, IndexSection section)
    {
        for (int entry = 40; ; entry += 24)
        {
            if (BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(entry)) == (int)section)
            {
                return (
                    (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(entry + 8)),
                    (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(entry + 16)));
            }
        }
    }

    /// <summary>Updates the checksums as far as the section table is valid.</summary>
    private static void FixChecksums(byte[] file)
    {
        int sections = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(32));
        for (int i = 0; i < Math.Clamp(sections, 0, 24); i++)
        {
            Span<byte> entry = file.AsSpan(40 + (24 * i), 24);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), length = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
            if (offset >= 0 && length >= 0 && offset <= file.Length && length <= file.Length - offset)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], IndexFileHeader.Checksum(file.AsSpan((int)offset, (int)length)));
            }
        }

        FixHeaderChecksum(file);
    }

    private static void FixHeaderChecksum(byte[] file)
    {
        int end = 40 + (24 * Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(32)), 0, 24));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(end), IndexFileHeader.Checksum(file.AsSpan(0, end)));
    }
}
