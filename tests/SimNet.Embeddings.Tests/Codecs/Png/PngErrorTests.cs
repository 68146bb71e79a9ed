using System.Buffers.Binary;
using System.IO.Compression;

namespace SimNet.Embeddings.Tests;

public class PngErrorTests
{
    private static readonly TestPng Gray = new(4, 3, 0, 8) { Samples = [.. Enumerable.Range(0, 12)] };
    private static readonly TestPng Indexed = new(4, 1, 3, 2) { Samples = [0, 1, 2, 1], Palette = [1, 2, 3, 4, 5, 6, 7, 8, 9] };

    [Fact]
    public void Truncated_files_throw()
    {
        byte[] file = (TestPng.Random(9, 9, 6, 8, transparent: false, new Random(1)) with { Interlaced = true, ChunkLength = 50 }).ToFile();
        for (int length = 0; length < file.Length; length++)
        {
            Rejected(file[..length]);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_detected()
    {
        byte[] file = Indexed.ToFile();
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] flipped = [.. file];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Rejected(flipped);
        }
    }

    [Fact]
    public void The_exception_has_offset_and_problem()
    {
        byte[] file = Gray.ToFile();
        file[8 + 25 + 10] ^= 1;
        ImageFormatException exception = Rejected(file);
        Assert.Equal(33, exception.Offset);
        Assert.Contains("IDAT", exception.Problem, StringComparison.Ordinal);
        Assert.Contains("CRC", exception.Problem, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Disorders()
    {
        byte[][] gray = [.. Gray.Chunks()], indexed = [.. Indexed.Chunks()];
        byte[] header = gray[0], data = gray[1], end = gray[2], text = TestPng.Chunk("tEXt", [65, 0, 66]), palette = indexed[1];
        byte[] gap = TestPng.Chunk("IDAT", []);
        byte[] key = TestPng.Chunk("tRNS", [0, 1]), opacities = TestPng.Chunk("tRNS", [1, 2]);
        byte[] alphaHeader = TestPng.Chunk("IHDR", (Gray with { ColorType = 4, Width = 2 }).Header());
        byte[] rgbHeader = TestPng.Chunk("IHDR", (Gray with { ColorType = 2, Width = 1 }).Header());
        return new TheoryData<string, byte[]>
        {
            { "first chunk is tEXt", TestPng.File(text, header, data, end) },
            { "second IHDR", TestPng.File(header, header, data, end) },
            { "IHDR is after the image data", TestPng.File(header, data, header, end) },
            { "No IDAT", TestPng.File(header, end) },
            { "file ends", TestPng.File(header, data) },
            { "file ends", TestPng.File(header) },
            { "file ends", TestPng.File() },
            { "follows another chunk", TestPng.File(header, gap, text, data, end) },
            { "follows another chunk", TestPng.File(header, data, text, gap, end) },
            { "critical", TestPng.File(header, TestPng.Chunk("ABCD", []), data, end) },
            { "four ASCII letters", TestPng.File(header, TestPng.Chunk("a1cd", []), data, end) },
            { "IEND has 1 bytes", TestPng.File(header, data, TestPng.Chunk("IEND", [0])) },
            { "PLTE is in a gray image", TestPng.File(header, palette, data, end) },
            { "PLTE is in a gray image", TestPng.File(alphaHeader, palette, data, end) },
            { "No PLTE chunk", TestPng.File(indexed[0], indexed[2], end) },
            { "second PLTE", TestPng.File(indexed[0], palette, palette, indexed[2], end) },
            { "No PLTE chunk", TestPng.File(indexed[0], indexed[2], palette, end) },
            { "PLTE has 8 bytes", TestPng.File(indexed[0], TestPng.Chunk("PLTE", new byte[8]), indexed[2], end) },
            { "PLTE has 0 bytes", TestPng.File(indexed[0], TestPng.Chunk("PLTE", []), indexed[2], end) },
            { "PLTE has 15 bytes", TestPng.File(indexed[0], TestPng.Chunk("PLTE", new byte[15]), indexed[2], end) },
            { "PLTE has 771 bytes", TestPng.File(rgbHeader, TestPng.Chunk("PLTE", new byte[771]), data, end) },
            { "palette index 2", TestPng.File(indexed[0], TestPng.Chunk("PLTE", new byte[6]), indexed[2], end) },
            { "tRNS is the second", TestPng.File(header, key, key, data, end) },
            { "after the image data", TestPng.File(header, data, key, end) },
            { "tRNS is before PLTE", TestPng.File(indexed[0], opacities, palette, indexed[2], end) },
            { "tRNS has 4 bytes", TestPng.File(indexed[0], palette, TestPng.Chunk("tRNS", new byte[4]), indexed[2], end) },
            { "tRNS has 0 bytes", TestPng.File(indexed[0], palette, TestPng.Chunk("tRNS", []), indexed[2], end) },
            { "tRNS has 3 bytes", TestPng.File(header, TestPng.Chunk("tRNS", new byte[3]), data, end) },
            { "tRNS has 2 bytes", TestPng.File(rgbHeader, key, data, end) },
            { "alpha channel", TestPng.File(alphaHeader, key, data, end) },
        };
    }

    [Theory]
    [MemberData(nameof(Disorders))]
    public void Chunks_out_of_order_or_of_the_wrong_size_throw(string problem, byte[] file) =>
        Assert.Contains(problem, Rejected(file).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(0, 0x80000000u)]
    [InlineData(4, 0u)]
    [InlineData(4, 0xFFFFFFFFu)]
    public void A_width_or_height_out_of_range_throws(int at, uint value)
    {
        byte[] header = Gray.Header();
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(at), value);
        Assert.Contains("expected 1 to", Rejected(WithHeader(header)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Unsupported_header_values_throw()
    {
        for (int depth = 0; depth <= 33; depth++)
        {
            for (int type = 0; type <= 8; type++)
            {
                if (!TestPng.Kinds.Contains((type, depth)))
                {
                    byte[] header = [.. Gray.Header()[..8], (byte)depth, (byte)type, 0, 0, 0];
                    Assert.Contains("Color type", Rejected(WithHeader(header)).Problem, StringComparison.Ordinal);
                }
            }
        }

        foreach (byte[] last in new byte[][] { [1, 0, 0], [0, 1, 0], [0, 0, 2] })
        {
            Assert.Contains("interlace", Rejected(WithHeader([.. Gray.Header()[..10], .. last])).Problem, StringComparison.Ordinal);
        }

        Assert.Contains("12 bytes", Rejected(WithHeader(Gray.Header()[..12])).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_data_of_the_wrong_length_throws()
    {
        byte[] rows = Gray.Scanlines();
        ImageFormatException truncated = Rejected(WithData(TestPng.Compress(rows[..^1])));
        Assert.Contains("ends 1 bytes before the end of row 2", truncated.Problem, StringComparison.Ordinal);
        Assert.Contains("more image data", Rejected(WithData(TestPng.Compress([.. rows, 0]))).Problem, StringComparison.Ordinal);
        byte[] filter = [.. rows];
        filter[5] = 5;
        Assert.Contains("Row 1 has filter 5", Rejected(WithData(TestPng.Compress(filter))).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_compressed_data_throws()
    {
        byte[] whole = TestPng.Compress(Gray.Scanlines());
        for (int length = 0; length < whole.Length; length++)
        {
            Rejected(WithData(whole[..length]));
        }

        TestImages.AssertSame(Gray.Expected(), Decode(WithData(whole)));
    }

    [Fact]
    public void A_wrong_adler_checksum_throws()
    {
        for (int i = 1; i <= 4; i++)
        {
            byte[] data = TestPng.Compress(Gray.Scanlines());
            data[^i] ^= 0x10;
            Assert.Contains("Adler-32", Rejected(WithData(data)).Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_pixel_limit_is_enforced()
    {
        byte[] file = Gray.ToFile();
        Assert.Equal(4, ImageDecoder.Default.Decode(file, new ImageDecoderOptions { MaxPixels = 12 }).Width);
        Assert.Contains("at most 11", Assert.Throws<ImageFormatException>(
            () => ImageDecoder.Default.Decode(file, new ImageDecoderOptions { MaxPixels = 11 })).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8000, 8000)]
    [InlineData(64_000_000, 1)]
    [InlineData(1, 64_000_000)]
    public void A_small_file_with_a_huge_size_allocates_no_memory(int width, int height)
    {
        byte[] file = WithHeader((Gray with { Width = width, Height = height }).Header());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("cannot contain", Rejected(file).Problem, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Images_that_exceed_array_limits_throw()
    {
        var options = new ImageDecoderOptions { MaxPixels = long.MaxValue };
        foreach ((int width, int height) in new[] { (int.MaxValue, int.MaxValue), (int.MaxValue, 1), (1, 715_827_883), (400_000_000, 1) })
        {
            byte[] file = WithHeader((Gray with { Width = width, Height = height, ColorType = 6, BitDepth = 16 }).Header());
            ImageFormatException exception = Assert.Throws<ImageFormatException>(() => ImageDecoder.Default.Decode(file, options));
            Assert.Contains("expected at most", exception.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decompression_stops_after_the_last_row()
    {
        byte[] bomb = WithData(TestPng.Compress([.. Gray.Scanlines(), .. new byte[50_000_000]]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more image data", Rejected(bomb).Problem, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bomb.Length + 100_000);
    }

    [Fact]
    public void The_best_deflate_ratio_is_accepted()
    {
        // The best case for Deflate: only zeros.
        var png = new TestPng(10_000, 2000, 0, 8);
        byte[] data = TestPng.Compress(new byte[10_001 * 2000], CompressionLevel.SmallestSize);
        Assert.InRange(10_001 * 2000.0 / data.Length, 1000, 1032);
        byte[] file = TestPng.File(TestPng.Chunk("IHDR", png.Header()), TestPng.Chunk("IDAT", data), TestPng.Chunk("IEND", []));
        Assert.Equal(10_000, Decode(file).Width);
    }

    private static byte[] WithHeader(byte[] header)
    {
        byte[][] chunks = [.. Gray.Chunks()];
        return TestPng.File(TestPng.Chunk("IHDR", header), chunks[1], chunks[2]);
    }

    private static byte[] WithData(byte[] data)
    {
        byte[][] chunks = [.. Gray.Chunks()];
        return TestPng.File(chunks[0], TestPng.Chunk("IDAT", data), chunks[2]);
    }

    /// <summary>Without any tolerance; <see cref="PngToleranceTests"/> covers the others.</summary>
    private static Image Decode(byte[] file) =>
        ImageDecoder.Default.Decode(file, new ImageDecoderOptions { Tolerance = DecodingTolerance.Strict });

    private static ImageFormatException Rejected(byte[] file) => Assert.Throws<ImageFormatException>(() => Decode(file));
}
