using ImageMagick;

namespace SimNet.MagickNet.Tests;

public class DamageTests
{
    public static TheoryData<MagickFormat, double> Cuts
    {
        get
        {
            var data = new TheoryData<MagickFormat, double>();
            foreach (MagickFormat format in TestFiles.FormatList)
            {
                foreach (double share in (double[])[0.3, 0.6, 0.9])
                {
                    data.Add(format, share);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void A_file_that_is_cut_short_is_refused(MagickFormat format, double share)
    {
        byte[] file = Gradient(format);

        string cause = TestFiles.Refused(file[..(int)(file.Length * share)]).Cause;

        // JPEG XL does not tell where it ends; of the others, the cause says so.
        Assert.Contains(cause, format is MagickFormat.Jxl or MagickFormat.Png ? ["damaged", "cut short"] : new[] { "cut short" });
    }

    [Fact]
    public void A_JPEG_that_is_cut_short_can_be_salvaged()
    {
        byte[] file = Gradient(MagickFormat.Jpeg);

        Image image = TestFiles.Decode(file[..(file.Length / 2)], DecodingTolerance.Salvage);

        Assert.Equal((200, 150), (image.Width, image.Height));
        Assert.Contains(image.Blemishes, blemish => blemish.Contains("Premature end", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(MagickFormat.WebP)]
    [InlineData(MagickFormat.Gif)]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.Bmp)]
    [InlineData(MagickFormat.Jp2)]
    [InlineData(MagickFormat.Psd)]
    public void Data_after_the_end_does_not_matter(MagickFormat format)
    {
        byte[] file = TestFiles.Encode(format);

        TestFiles.AssertQuarters(TestFiles.Decode([.. file, .. new byte[1000]]), tolerance: 12);
    }

    [Fact]
    public void A_GIF_without_its_trailer_is_read()
    {
        byte[] file = TestFiles.Encode(MagickFormat.Gif);

        TestFiles.AssertQuarters(TestFiles.Decode(file[..^1]), tolerance: 0);
    }

    [Fact]
    public void A_warning_is_a_blemish_and_refused_if_strict()
    {
        // What is cut off are the values of a tag, after the pixels.
        byte[] file = TestFiles.Encode(MagickFormat.Tiff)[..^8];

        Image image = TestFiles.Decode(file);

        TestFiles.AssertQuarters(image, tolerance: 0);
        Assert.Contains(image.Blemishes, blemish => blemish.Contains("tag ignored", StringComparison.Ordinal));
        Assert.Contains("tag ignored", TestFiles.Refused(file, DecodingTolerance.Strict).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_do_not_name_files_or_source_lines()
    {
        ImageFormatException exception = TestFiles.Refused(TestFiles.Encode(MagickFormat.Avif)[..^40]);

        Assert.DoesNotContain("magick-", exception.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(".c/", exception.Problem, StringComparison.Ordinal);
        Assert.StartsWith("The file is an AVIF image", exception.Problem, StringComparison.Ordinal);
    }

    private static byte[] Gradient(MagickFormat format)
    {
        byte[] pixels = new byte[200 * 150 * 3];
        var random = new Random(1);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i / 3 % 200) + random.Next(20));
        }

        using MagickImage image = TestFiles.FromRgb(200, 150, pixels);
        return TestFiles.Encode(image, format);
    }
}
