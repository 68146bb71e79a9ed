using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace SimNet.Embeddings.Tests;

public class PngFuzzTests
{
    /// <summary>
    /// The memory for one byte of compressed data: up to 1032 bytes, each of eight pixels of three channels, and two rows of samples.
    /// </summary>
    private const long MaxMemoryPerByte = 1032 * (24 + 2);

    /// <summary>The number of damaged files; SIMNET_FUZZ_RUNS asks for more.</summary>
    private static readonly int Runs =
        int.TryParse(Environment.GetEnvironmentVariable("SIMNET_FUZZ_RUNS"), CultureInfo.InvariantCulture, out int runs) ? runs : 6000;

    private static readonly byte[][] ColorChunks =
    [
        TestPng.Chunk("gAMA", [0, 1, 0x86, 0xA0]), TestPng.Chunk("cICP", [9, 16, 0, 1]), TestPng.Chunk("sRGB", [0]),
        TestPng.Chunk("cHRM", [.. Enumerable.Range(0, 8).SelectMany(i => new byte[] { 0, 0, (byte)(40 * i), 100 })]),
        TestProfile.Chunk(TestProfile.OfMatrix(TestProfile.ProPhoto, TestProfile.Gamma(1.8))),
        TestProfile.Chunk(TestProfile.OfMatrix(TestProfile.DisplayP3, TestProfile.Table(20, value => value * value))),
        TestProfile.Chunk(TestProfile.OfGray(TestProfile.Parametric(4, 2, 0.75, 0, 0.5, 0.25, 0.0625, 0.03125))),
        TestProfile.Chunk(TestProfile.OfTables()),
        TestPng.Chunk("tRNS", [0, 9]), TestPng.Chunk("PLTE", new byte[30]), TestPng.Chunk("eXIf", [.. "MM\0*\0\0\0\b"u8]),
    ];

    private static readonly TestPng[] Seeds =
    [
        .. TestPng.Kinds.SelectMany((kind, i) => new[] { false, true }.Select(flag =>
            TestPng.Random(5 + i, 19 - i, kind.ColorType, kind.BitDepth, transparent: flag, new Random(i))
                with { Interlaced = flag, ChunkLength = 40 + (200 * (i % 2)) })),
    ];

    [Fact]
    public void Damaged_files_give_an_image_or_an_error_in_bounded_memory()
    {
        var random = new Random(20);
        byte[][][] files = [.. Seeds.Select(png => png.Chunks().ToArray())];
        int images = 0, errors = 0;
        for (int i = 0; i < Runs; i++)
        {
            byte[][] chunks = [.. files[random.Next(files.Length)].Select(chunk => (byte[])chunk.Clone())];
            byte[] file = (i % 6) switch
            {
                0 => Flip(TestPng.File(chunks), random),
                1 => TestPng.File(FlipWithin(chunks, random, _ => true)),
                2 => TestPng.File(FlipWithin(chunks, random, chunk => chunk[4] != 'I' || chunk[5] == 'H')),
                3 => TestPng.File(Shuffle(chunks, files[random.Next(files.Length)], random)),
                4 => TestPng.File(DamageRows(Seeds[random.Next(Seeds.Length)], random)),
                _ => Splice(TestPng.File(chunks), TestPng.File(files[random.Next(files.Length)]), random),
            };
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Image image = ImageDecoder.Default.Decode(file, ImageDecoderOptions.Default);
                Assert.Equal(image.Width * image.Height * image.Channels, image.Pixels.Length);
                images++;
            }
            catch (ImageFormatException exception)
            {
                Assert.InRange(exception.Offset, 0, file.Length);
                errors++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000 + (MaxMemoryPerByte * file.Length));
        }

        // Both outcomes must occur often, or the cases test nothing.
        Assert.InRange(images, Runs / 20, Runs * 5 / 6);
        Assert.InRange(errors, Runs / 6, Runs * 19 / 20);
    }

    [Theory]
    [InlineData(DecodingTolerance.Lenient)]
    [InlineData(DecodingTolerance.Strict)]
    [InlineData(DecodingTolerance.Salvage)]
    public void Damaged_files_with_colors_give_an_image_or_an_error(DecodingTolerance tolerance)
    {
        var random = new Random(21 + (int)tolerance);
        byte[][][] files = [.. Seeds.Select(png => png.Chunks().ToArray())];
        var options = new ImageDecoderOptions { Tolerance = tolerance, MaxPixels = 100_000, Memory = new MemoryBudget(2_000_000) };
        int images = 0, errors = 0;
        for (int i = 0; i < Runs / 3; i++)
        {
            byte[][] chunks = [.. files[random.Next(files.Length)]];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                chunks = [chunks[0], ColorChunks[random.Next(ColorChunks.Length)], .. chunks[1..]];
            }

            chunks = [.. chunks.Select(chunk => (byte[])chunk.Clone())];
            byte[] file = random.Next(6) switch
            {
                0 => Flip(TestPng.File(chunks), random),
                1 or 2 => TestPng.File(FlipWithin(chunks, random, chunk => chunk[4] != 'I')),
                3 => TestPng.File(Shuffle(chunks, files[random.Next(files.Length)], random)),
                4 => Splice(TestPng.File(chunks), TestPng.File(files[random.Next(files.Length)]), random),
                _ => TestPng.File(FlipWithin(Inflated(chunks), random, chunk => chunk[4] == 'i')),
            };
            try
            {
                Image image = ImageDecoder.Default.Decode(file, options);
                Assert.Equal(image.Width * image.Height * image.Channels, image.Pixels.Length);
                Assert.InRange(image.Blemishes.Count, 0, tolerance == DecodingTolerance.Strict ? 0 : 21);
                images++;
            }
            catch (ImageFormatException exception)
            {
                Assert.InRange(exception.Offset, 0, file.Length);
                errors++;
            }
        }

        Assert.InRange(images, Runs / 60, Runs / 3);
        Assert.InRange(errors, Runs / 60, Runs / 3);
        options.Memory.Reserve(2_000_000).Dispose();
    }

    /// <summary>Adds a profile that is stored without compression, so that damage reaches it.</summary>
    private static byte[][] Inflated(byte[][] chunks)
    {
        byte[] profile = TestProfile.OfMatrix(TestProfile.AdobeRgb, TestProfile.Table(20, value => value * value));
        byte[] stored = TestPng.Compress(profile, CompressionLevel.NoCompression);
        return [chunks[0], TestPng.Chunk("iCCP", [.. "a\0\0"u8, .. stored]), .. chunks[1..]];
    }

    private static byte[] Flip(byte[] file, Random random)
    {
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            file[random.Next(8, file.Length)] ^= (byte)(1 << random.Next(8));
        }

        return file;
    }

    /// <summary>Changes the data of a chunk and corrects the CRC.</summary>
    private static byte[][] FlipWithin(byte[][] chunks, Random random, Func<byte[], bool> choose)
    {
        int[] candidates = [.. Enumerable.Range(0, chunks.Length).Where(i => chunks[i].Length > 12 && choose(chunks[i]))];
        byte[] chunk = chunks[candidates[random.Next(candidates.Length)]];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(8, chunk.Length - 4);
            chunk[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(chunk[at] ^ (1 << random.Next(8)));
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), TestPng.Check(chunk.AsSpan(4, chunk.Length - 8)));
        return chunks;
    }

    /// <summary>Removes, duplicates or swaps chunks, or inserts those of another file.</summary>
    private static byte[][] Shuffle(byte[][] chunks, byte[][] others, Random random)
    {
        var list = chunks.ToList();
        for (int n = random.Next(1, 3); n > 0; n--)
        {
            int at = random.Next(list.Count), to = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0 when list.Count > 1:
                    list.RemoveAt(at);
                    break;
                case 1:
                    list.Insert(to, list[at]);
                    break;
                case 2:
                    (list[at], list[to]) = (list[to], list[at]);
                    break;
                default:
                    list.Insert(to, others[random.Next(others.Length)]);
                    break;
            }
        }

        return [.. list];
    }

    /// <summary>Changes the rows before compression, so that the checksums are valid.</summary>
    private static byte[][] DamageRows(TestPng png, Random random)
    {
        byte[] rows = Flip([.. new byte[8], .. png.Scanlines()], random)[8..];
        byte[] data = TestPng.Compress(random.Next(4) == 0 ? rows[..random.Next(rows.Length)] : rows);
        return [.. png.Chunks().Where(chunk => chunk[5] != 'D' && chunk[5] != 'E'), TestPng.Chunk("IDAT", data), TestPng.Chunk("IEND", [])];
    }

    private static byte[] Splice(byte[] first, byte[] second, Random random) => random.Next(2) == 0
        ? first[..random.Next(8, first.Length)]
        : [.. first[..random.Next(8, first.Length)], .. second[random.Next(8, second.Length)..]];
}
