using System.Buffers.Binary;
using System.Diagnostics;

namespace SimNet.Embeddings.Tests;

/// <summary>What is refused, with what words, and how little it costs.</summary>
public class JpegRefusalTests
{
    private static readonly byte[] Valid = TestPattern.YCbCr(20, 20, 2, 2).Encode();

    [Theory]
    [InlineData(0xC3, "lossless")]
    [InlineData(0xC5, "hierarchical")]
    [InlineData(0xC9, "arithmetic")]
    [InlineData(0xCF, "arithmetic")]
    public void Other_processes_are_named(byte marker, string word) => AssertRefused(Frame(f => f[1] = marker), word, FrameOffset + 4);

    [Fact]
    public void Twelve_bits_are_refused() => AssertRefused(Frame(f => f[4] = 12), "12 bits", FrameOffset + 4);

    [Fact]
    public void A_height_left_to_a_later_segment_is_refused() => AssertRefused(Frame(f => f[5] = f[6] = 0), "DNL", FrameOffset + 5);

    [Fact]
    public void No_width_is_refused() => AssertRefused(Frame(f => f[7] = f[8] = 0), "width 0", FrameOffset + 7);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void Other_numbers_of_components_are_refused(byte count) => AssertRefused(Frame(f => f[9] = count), $"{count} components", FrameOffset + 9);

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x10)]
    [InlineData(0x51)]
    [InlineData(0x15)]
    public void Impossible_sampling_factors_are_refused(byte factors) => AssertRefused(Frame(f => f[11] = factors), "sampling factors", FrameOffset + 11);

    [Fact]
    public void Too_many_blocks_in_an_mcu_are_refused() => AssertRefused(Frame(f => f[11] = 0x44), "18 blocks", null);

    [Fact]
    public void Two_components_of_one_name_are_refused() => AssertRefused(Frame(f => f[13] = f[10]), "identifier 1", FrameOffset + 13);

    [Fact]
    public void A_table_never_defined_is_named() => AssertRefused(Frame(f => f[12] = 3), "quantization table 3", null);

    [Fact]
    public void Two_frame_headers_are_refused()
    {
        int end = FrameOffset + 2 + 17;
        byte[] twice = [.. Valid[..end], .. Valid[FrameOffset..end], .. Valid[end..]];
        AssertRefused(twice, "second frame header", end);
    }

    [Fact]
    public void A_second_scan_of_a_component_is_refused()
    {
        int scan = Valid.AsSpan().IndexOf((byte[])[0xFF, 0xDA]);
        AssertRefused([.. Valid[..^2], .. Valid[scan..]], "second scan", null);
    }

    [Fact]
    public void A_missing_scan_is_named()
    {
        byte[] jpeg = new TestJpegEncoder(8, 8, [.. Enumerable.Range(1, 3).Select(id => new TestJpegComponent(id, 1, 1, TestPattern.Plane(id)))])
        {
            IsInterleaved = false,
        }.Encode();
        int lastScan = jpeg.AsSpan().LastIndexOf((byte[])[0xFF, 0xDA]);
        AssertRefused([.. jpeg[..lastScan], 0xFF, 0xD9], "without a scan of component 3", lastScan);
    }

    [Fact]
    public void A_wrong_restart_marker_is_named()
    {
        byte[] jpeg = new TestJpegEncoder(32, 8, new TestJpegComponent(1, 1, 1, TestPattern.Plane(1))) { RestartInterval = 1 }.Encode();
        int second = jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xD1]);
        jpeg[second + 1] = 0xD2;
        AssertRefused(jpeg, "FFD1", second);
    }

    [Theory]
    [InlineData(0, "precision 15")]
    [InlineData(1, "more codes")]
    [InlineData(2, "257 codes")]
    [InlineData(3, "16 bits")]
    public void Impossible_tables_are_refused(int which, string words)
    {
        byte[] segment = which switch
        {
            0 => [0xFF, 0xDB, 0, 67, 0xF0, .. new byte[64]],
            1 => [0xFF, 0xC4, 0, 21, 0x00, 2, .. new byte[15], 0, 1],
            2 => [0xFF, 0xC4, 1, 20, 0x00, .. new byte[14], 2, 255, .. new byte[257]],
            _ => [0xFF, 0xC4, 0, 20, 0x00, 1, .. new byte[15], 16],
        };
        AssertRefused([.. Valid[..2], .. segment, .. Valid[2..]], words, 6);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        foreach (byte[] jpeg in new[] { Valid, StoredJpegs.Sequential, StoredJpegs.Progressive, StoredJpegs.ProgressiveWithRestarts })
        {
            for (int length = 0; length < jpeg.Length; length++)
            {
                ImageFormatException exception = Assert.Throws<ImageFormatException>(() => Decode(jpeg[..length]));
                Assert.InRange(exception.Offset, 0, length);
            }
        }
    }

    [Fact]
    public void Too_many_pixels_are_refused_at_the_frame_header()
    {
        var options = new ImageDecoderOptions { MaxPixels = 399 };
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(Valid, options));
        Assert.Contains("20x20 = 400 pixels; at most 399", exception.Problem, StringComparison.Ordinal);
        JpegDecoder.Decode(Valid, options with { MaxPixels = 400 });
    }

    [Theory]
    [InlineData(0xC0)]
    [InlineData(0xC2)]
    public void A_small_file_that_claims_a_large_image_is_refused_before_memory_is_taken(byte frameMarker)
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
        AssertRefused(jpeg, "bytes of the file are left", null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Progressive_scans_without_end_are_refused_soon()
    {
        // 100,489 blocks in a few thousand bytes a scan: each AC scan is six codes that say "nothing in the next 2^14 + 2^14 - 1 blocks".
        const int Side = 317;
        var file = new List<byte>();
        file.AddRange([0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64)]);
        file.AddRange([0xFF, 0xC2, 0, 11, 8, Side * 8 >> 8, Side * 8 & 255, Side * 8 >> 8, Side * 8 & 255, 1, 1, 0x11, 0]);
        file.AddRange([0xFF, 0xC4, 0, 20, 0x00, 1, .. new byte[15], 0]);
        file.AddRange([0xFF, 0xC4, 0, 20, 0x10, 1, .. new byte[15], 0xE0]);
        AddScan(0, 0, 0, new byte[(Side * Side + 7) / 8]);

        // The code 0, then 14 bits: fifteen bits a run.
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
        var watch = Stopwatch.StartNew();
        AssertRefused(file.ToArray(), "The scans so far visit", null);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);

        void AddScan(int coefficient, int high, int low, byte[] data) => file.AddRange(
            [0xFF, 0xDA, 0, 8, 1, 1, 0x00, (byte)coefficient, (byte)coefficient, (byte)(high << 4 | low), .. data.SelectMany(b => b == 0xFF ? new byte[] { b, 0 } : [b])]);
    }

    [Fact]
    public void The_same_bits_coded_twice_are_refused()
    {
        byte[] jpeg = StoredJpegs.Progressive;
        int lastScan = jpeg.AsSpan().LastIndexOf((byte[])[0xFF, 0xDA]);
        AssertRefused([.. jpeg[..^2], .. jpeg[lastScan..]], "stands at bit 0", null);
    }

    private static int FrameOffset => Valid.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);

    private delegate void Change(Span<byte> frame);

    /// <summary>The valid file with its frame header changed: marker at 0, length at 2, precision 4, height 5, width 7, count 9, components from 10.</summary>
    private static byte[] Frame(Change change)
    {
        byte[] copy = [.. Valid];
        change(copy.AsSpan(FrameOffset));
        return copy;
    }

    private static void AssertRefused(byte[] jpeg, string words, long? offset)
    {
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => Decode(jpeg));
        Assert.Contains(words, exception.Problem, StringComparison.Ordinal);
        if (offset is not null)
        {
            Assert.Equal(offset, exception.Offset);
        }
    }

    private static Image Decode(byte[] jpeg) => JpegDecoder.Decode(jpeg, ImageDecoderOptions.Default);
}
