using System.Buffers.Binary;

namespace SimNet.Embeddings.Tests;

/// <summary>Tests the errors for invalid files: their messages, their offsets and their cost.</summary>
public class JpegErrorTests
{
    private static readonly byte[] Valid = TestPattern.YCbCr(20, 20, 2, 2).Encode();

    [Theory]
    [InlineData(0xC3, "lossless")]
    [InlineData(0xC5, "hierarchical")]
    [InlineData(0xC9, "arithmetic")]
    [InlineData(0xCF, "arithmetic")]
    public void Unsupported_processes_throw(byte marker, string word) => AssertRejected(Frame(f => f[1] = marker), word, FrameOffset + 4);

    [Fact]
    public void Samples_of_12_bits_throw() => AssertRejected(Frame(f => f[4] = 12), "12 bits", FrameOffset + 4);

    [Fact]
    public void A_height_of_zero_throws() => AssertRejected(Frame(f => f[5] = f[6] = 0), "DNL", FrameOffset + 5);

    [Fact]
    public void A_width_of_zero_throws() => AssertRejected(Frame(f => f[7] = f[8] = 0), "width 0", FrameOffset + 7);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void Other_numbers_of_components_throw(byte count) =>
        AssertRejected(Frame(f => f[9] = count), $"{count} components", FrameOffset + 9);

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x10)]
    [InlineData(0x51)]
    [InlineData(0x15)]
    public void Sampling_factors_out_of_range_throw(byte factors) =>
        AssertRejected(Frame(f => f[11] = factors), "sampling factors", FrameOffset + 11);

    [Fact]
    public void Too_many_blocks_in_an_mcu_throw() => AssertRejected(Frame(f => f[11] = 0x44), "18 blocks", null);

    [Fact]
    public void Duplicate_component_identifiers_throw_when_strict() =>
        AssertRejected(Frame(f => f[13] = f[10]), "identifier 1", FrameOffset + 13, DecodingTolerance.Strict);

    [Fact]
    public void An_undefined_table_throws() => AssertRejected(Frame(f => f[12] = 3), "quantization table 3", null);

    [Fact]
    public void A_second_frame_header_throws()
    {
        int end = FrameOffset + 2 + 17;
        byte[] twice = [.. Valid[..end], .. Valid[FrameOffset..end], .. Valid[end..]];
        AssertRejected(twice, "second frame header", end);
    }

    [Fact]
    public void A_second_sequential_scan_of_a_component_throws()
    {
        int scan = Valid.AsSpan().IndexOf((byte[])[0xFF, 0xDA]);
        AssertRejected([.. Valid[..^2], .. Valid[scan..]], "second scan", null);
    }

    [Fact]
    public void A_missing_scan_throws()
    {
        TestJpegComponent[] components = [.. Enumerable.Range(1, 3).Select(id => new TestJpegComponent(id, 1, 1, TestPattern.Plane(id)))];
        byte[] jpeg = new TestJpegEncoder(8, 8, components)
        {
            IsInterleaved = false,
        }.Encode();
        int lastScan = jpeg.AsSpan().LastIndexOf((byte[])[0xFF, 0xDA]);
        AssertRejected([.. jpeg[..lastScan], 0xFF, 0xD9], "without a scan of component 3", lastScan);
    }

    [Fact]
    public void A_wrong_restart_marker_throws_when_strict()
    {
        byte[] jpeg = new TestJpegEncoder(32, 8, new TestJpegComponent(1, 1, 1, TestPattern.Plane(1))) { RestartInterval = 1 }.Encode();
        int second = jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xD1]);
        jpeg[second + 1] = 0xD2;
        AssertRejected(jpeg, "FFD1", second, DecodingTolerance.Strict);
    }

    [Theory]
    [InlineData(0, "precision 15")]
    [InlineData(1, "more codes")]
    [InlineData(2, "257 codes")]
    [InlineData(3, "16 bits")]
    public void Invalid_tables_throw(int which, string words)
    {
        byte[] segment = which switch
        {
            0 => [0xFF, 0xDB, 0, 67, 0xF0, .. new byte[64]],
            1 => [0xFF, 0xC4, 0, 21, 0x00, 2, .. new byte[15], 0, 1],
            2 => [0xFF, 0xC4, 1, 20, 0x00, .. new byte[14], 2, 255, .. new byte[257]],
            _ => [0xFF, 0xC4, 0, 20, 0x00, 1, .. new byte[15], 16],
        };
        AssertRejected([.. Valid[..2], .. segment, .. Valid[2..]], words, 6);
    }

    [Fact]
    public void Truncated_files_throw()
    {
        foreach (byte[] jpeg in new[] { Valid, StoredJpegs.Sequential, StoredJpegs.Progressive, StoredJpegs.ProgressiveWithRestarts })
        {
            int last = jpeg.AsSpan().LastIndexOf((byte[])[0xFF, 0xDA]) + 10;
            for (int length = 0; length < jpeg.Length; length++)
            {
                ImageFormatException exception =
                    Assert.Throws<ImageFormatException>(() => Decode(jpeg[..length], DecodingTolerance.Strict));
                Assert.InRange(exception.Offset, 0, length);

                // By default a file may end without its marker, and a progressive one after any scan.
                bool isBeforeEnd = length < jpeg.Length - 2;
                bool isAfterScan = jpeg[length] == 0xFF || jpeg[length - 1] == 0xFF;
                if (isBeforeEnd && (length >= last || !isAfterScan))
                {
                    Assert.Throws<ImageFormatException>(() => Decode(jpeg[..length]));
                }
            }
        }
    }

    [Fact]
    public void The_pixel_limit_is_enforced()
    {
        var options = new ImageDecoderOptions { MaxPixels = 399 };
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(Valid, options));
        Assert.Contains("20x20, 400 pixels; expected at most 399", exception.Problem, StringComparison.Ordinal);
        JpegDecoder.Decode(Valid, options with { MaxPixels = 400 });
    }

    [Theory]
    [InlineData(0xC0)]
    [InlineData(0xC2)]
    public void A_small_file_with_a_huge_size_allocates_no_memory(byte frameMarker)
    {
        byte[] jpeg = Frame(f =>
        {
            f[1] = frameMarker;
            BinaryPrimitives.WriteUInt16BigEndian(f[5..], 8000);
            BinaryPrimitives.WriteUInt16BigEndian(f[7..], 8000);
        });
        if (frameMarker == 0xC2)
        {
            int scan = jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xDA]);
            jpeg[scan + 12] = 0;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRejected(jpeg, "the rest of the file", null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Excessive_progressive_scans_throw()
    {
        // 100,489 blocks in 8 bytes per AC scan: its codes are end-of-band runs of 2^14 + 2^14 - 1 blocks.
        const int Side = 317;
        var file = new List<byte>();
        file.AddRange([0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64)]);
        file.AddRange([0xFF, 0xC2, 0, 11, 8, Side * 8 >> 8, Side * 8 & 255, Side * 8 >> 8, Side * 8 & 255, 1, 1, 0x11, 0]);
        file.AddRange([0xFF, 0xC4, 0, 20, 0x00, 1, .. new byte[15], 0]);
        file.AddRange([0xFF, 0xC4, 0, 20, 0x10, 1, .. new byte[15], 0xE0]);
        AddScan(0, 0, 0, new byte[(Side * Side + 7) / 8]);

        // The code 0 and 14 bits: 15 bits for each run.
        byte[] runs = new byte[8];
        var bits = string.Concat(Enumerable.Repeat("0" + new string('1', 14), 4)).PadRight(64, '1');
        for (int i = 0; i < 8; i++)
        {
            runs[i] = Convert.ToByte(bits.Substring(8 * i, 8), 2);
        }

        for (int k = 1; k < 64; k++)
        {
            AddScan(k, 0, 13, runs);
            for (int bit = 12; bit >= 0; bit--)
            {
                AddScan(k, bit + 1, bit, runs);
            }
        }

        file.AddRange([0xFF, 0xD9]);
        AssertRejected(file.ToArray(), "The scans visit", null);

        void AddScan(int coefficient, int high, int low, byte[] data) => file.AddRange(
        [
            0xFF, 0xDA, 0, 8, 1, 1, 0x00, (byte)coefficient, (byte)coefficient, (byte)(high << 4 | low),
            .. data.SelectMany(b => b == 0xFF ? new byte[] { b, 0 } : [b]),
        ]);
    }

    [Fact]
    public void Coding_the_same_bits_twice_throws()
    {
        byte[] jpeg = StoredJpegs.Progressive;
        int lastScan = jpeg.AsSpan().LastIndexOf((byte[])[0xFF, 0xDA]);
        AssertRejected([.. jpeg[..^2], .. jpeg[lastScan..]], "ends at bit 0", null);
    }

    private static int FrameOffset => Valid.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);

    private delegate void Change(Span<byte> frame);

    /// <summary>
    /// Changes the frame header of the valid file: marker at 0, length at 2, precision at 4, height at 5, width at 7, number of components
    /// at 9, components from 10.
    /// </summary>
    private static byte[] Frame(Change change)
    {
        byte[] copy = [.. Valid];
        change(copy.AsSpan(FrameOffset));
        return copy;
    }

    private static void AssertRejected(byte[] jpeg, string words, long? offset, DecodingTolerance tolerance = DecodingTolerance.Lenient)
    {
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => Decode(jpeg, tolerance));
        Assert.Contains(words, exception.Problem, StringComparison.Ordinal);
        if (offset is not null)
        {
            Assert.Equal(offset, exception.Offset);
        }
    }

    private static Image Decode(byte[] jpeg, DecodingTolerance tolerance = DecodingTolerance.Lenient) =>
        JpegDecoder.Decode(jpeg, new ImageDecoderOptions { Tolerance = tolerance });
}
