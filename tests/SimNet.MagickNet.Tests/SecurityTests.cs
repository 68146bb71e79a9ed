using System.Diagnostics;
using System.Text;
using ImageMagick;

namespace SimNet.MagickNet.Tests;

/// <summary>Files that are not images, or lie, must not make ImageMagick read, run or allocate anything.</summary>
public class SecurityTests
{
    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>", "an SVG drawing")]
    [InlineData("<?xml version='1.0'?><svg><text>x</text></svg>", "an SVG drawing")]
    [InlineData("<?xml version='1.0'?><image><read filename='/etc/passwd'/><write filename='{0}'/></image>", "an XML file")]
    [InlineData("push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'label:@/etc/passwd'\npop graphic-context", "a text file")]
    [InlineData("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj", "a PDF document")]
    [InlineData("%!PS\n(%pipe%touch {0}) (w) file", "a PostScript document")]
    [InlineData("@/etc/passwd", "a text file")]
    [InlineData("label:@/etc/passwd", "a text file")]
    [InlineData("https://127.0.0.1:9/image.png", "a text file")]
    [InlineData("ephemeral:{0}", "a text file")]
    [InlineData("id=ImageMagick version=1.0\nclass=DirectClass columns=1 rows=1\n:\u001a", "a file of an unknown format")]
    [InlineData("P6 1 1 255\nabc", "a text file")]
    [InlineData("#define x_width 1\n#define x_height 1\nstatic char x_bits[] = { 1 };", "a text file")]
    [InlineData("<html><img src='x'></html>", "an HTML page")]
    [InlineData("", "an empty file")]
    public void What_is_no_image_is_refused_and_named(string content, string cause)
    {
        using var folder = new TemporaryFolder();
        byte[] file = Encoding.Latin1.GetBytes(content.Replace("{0}", folder["written"], StringComparison.Ordinal));

        Assert.Equal(cause, TestFiles.Refused(file).Cause);
        Assert.Equal(cause, Assert.Throws<ImageFormatException>(
            () => MagickImageDecoder.AllFormats.Decode(file, ImageDecoderOptions.Default)).Cause);
        Assert.Empty(folder.FileNames);
    }

    [Theory]
    [InlineData("GIF89a")]
    [InlineData("RIFF\0\0\0\0WEBP")]
    [InlineData("II*\0\b\0\0\0")]
    [InlineData("\0\0\0\u0018ftypavif")]
    [InlineData("\0\0\0\u0018ftypheic")]
    [InlineData("\0\0\0\u000cJXL \r\n\u0087\n")]
    [InlineData("\0\0\0\u000cjP  \r\n\u0087\n")]
    [InlineData("8BPS\0\u0001")]
    [InlineData("\u00ff\u00d8\u00ff\u00e0")]
    public void A_script_behind_the_first_bytes_of_an_image_is_not_run(string start)
    {
        using var folder = new TemporaryFolder();
        string script = "<image><read filename='/etc/passwd'/><write filename='" + folder["written"] + "'/></image>"
            + "push graphic-context image over 0,0 0,0 'label:@/etc/passwd' pop graphic-context";

        TestFiles.Refused(Encoding.Latin1.GetBytes(start + script));

        Assert.Empty(folder.FileNames);
    }

    [Theory]
    [InlineData(MagickFormat.Gif)]
    [InlineData(MagickFormat.WebP)]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.Bmp)]
    [InlineData(MagickFormat.Jp2)]
    [InlineData(MagickFormat.Psd)]
    [InlineData(MagickFormat.Avif)]
    [InlineData(MagickFormat.Jpeg)]
    public void A_header_that_claims_a_huge_image_is_refused_at_once(MagickFormat format)
    {
        byte[] file = WithSize(format, 60_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();

        ImageFormatException exception = TestFiles.Refused(file);

        // No test depends on an idle machine: a decoder that went on would take minutes and gigabytes.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 20);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Contains(exception.Cause, new[] { "too large", "cut short", "damaged" });
    }

    [Theory]
    [MemberData(nameof(TestFiles.Formats), MemberType = typeof(TestFiles))]
    public void The_limit_of_pixels_holds_for_every_format(MagickFormat format)
    {
        byte[] file = TestFiles.Encode(format);
        long pixels = TestFiles.Width * TestFiles.Height;
        var decoder = new MagickImageDecoder();

        Assert.Equal(TestFiles.Width, decoder.Decode(file, new ImageDecoderOptions { MaxPixels = pixels }).Width);
        Assert.Equal("too large", Assert.Throws<ImageFormatException>(
            () => decoder.Decode(file, new ImageDecoderOptions { MaxPixels = pixels - 1 })).Cause);
    }

    [Fact]
    public void Too_many_tiles_of_JPEG_2000_are_refused()
    {
        byte[] file = TestFiles.Encode(MagickFormat.J2k);

        // The size of a tile, at 22 from the marker's length on.
        Replace(file, [0xFF, 0x51], 20, [0, 0, 0, 1, 0, 0, 0, 1]);
        Replace(file, [0xFF, 0x51], 4, [0, 0, 0, 0xFF, 0, 0, 0, 0xFF]);

        Assert.Equal("too large", TestFiles.Refused(file).Cause);
    }

    [Fact]
    public void The_limits_of_bytes_and_memory_hold()
    {
        byte[] file = TestFiles.Encode(MagickFormat.WebP);
        var decoder = new MagickImageDecoder();

        Assert.Equal("too large", Assert.Throws<ImageFormatException>(
            () => decoder.Decode(file, new ImageDecoderOptions { MaxBytes = file.Length - 1 })).Cause);
        Assert.Equal("too large", Assert.Throws<ImageFormatException>(
            () => decoder.Decode(file, new ImageDecoderOptions { Memory = new MemoryBudget(10_000) })).Cause);
    }

    [Fact]
    public void The_limits_of_ImageMagick_are_lowered()
    {
        TestFiles.Decode(TestFiles.Encode(MagickFormat.WebP));

        Assert.Equal(0UL, ResourceLimits.Disk);
        Assert.Equal(1UL, ResourceLimits.Thread);
        Assert.InRange(ResourceLimits.Memory, 1UL, (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    [Fact]
    public void Images_are_read_on_many_threads_at_once()
    {
        byte[][] files = [.. TestFiles.FormatList.Select(format => TestFiles.Encode(format))];

        Parallel.For(0, 200, i => TestFiles.AssertQuarters(TestFiles.Decode(files[i % files.Length]), tolerance: 12));
    }

    /// <summary>A small file whose header claims to be this wide and high.</summary>
    private static byte[] WithSize(MagickFormat format, int size)
    {
        byte[] file = TestFiles.Encode(format);
        (byte low, byte high) = ((byte)size, (byte)(size >> 8));
        switch (format)
        {
            case MagickFormat.Gif:
                int frame = Array.IndexOf(file, (byte)0x2C, 13 + (3 << ((file[10] & 7) + 1)));
                foreach (int at in (int[])[6, frame + 5])
                {
                    (file[at], file[at + 1], file[at + 2], file[at + 3]) = (low, high, low, high);
                }

                break;
            case MagickFormat.Bmp:
                BitConverter.GetBytes(size).CopyTo(file, 18);
                BitConverter.GetBytes(size).CopyTo(file, 22);
                break;
            case MagickFormat.WebP:
                // 14 bits each in a frame of VP8.
                (file[26], file[27], file[28], file[29]) = (0xFF, 0x3F, 0xFF, 0x3F);
                break;
            case MagickFormat.Psd:
                (file[16], file[17], file[20], file[21]) = (high, low, high, low);
                break;
            case MagickFormat.Tiff:
                int directory = BitConverter.ToInt32(file, 4);
                for (int at = directory + 2; at < directory + 26; at += 12)
                {
                    BitConverter.GetBytes(size).CopyTo(file, at + 8);
                }

                break;
            case MagickFormat.Jpeg:
                int sof = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
                (file[sof + 5], file[sof + 6], file[sof + 7], file[sof + 8]) = (high, low, high, low);
                break;
            case MagickFormat.Jp2:
                Replace(file, "ihdr"u8, 4, [0, 0, high, low, 0, 0, high, low]);
                Replace(file, [0xFF, 0x51], 6, [0, 0, high, low, 0, 0, high, low]);
                break;
            default:
                Replace(file, "ispe"u8, 8, [0, 0, high, low, 0, 0, high, low]);
                break;
        }

        return file;
    }

    private static void Replace(byte[] file, ReadOnlySpan<byte> name, int offset, ReadOnlySpan<byte> value) =>
        value.CopyTo(file.AsSpan(file.AsSpan().IndexOf(name) + offset));
}
