namespace SimNet.MagickNet.Tests;

/// <summary>Files from reports of users of other decoders, in the folder of test data.</summary>
public class CaseTests
{
    [SkippableTheory]
    [InlineData("format-avif.avif", 128, 128)]
    [InlineData("format-gif.gif", 320, 240)]
    [InlineData("format-webp-named.jpg", 1024, 772)]
    public void Formats_are_read_by_content_whatever_the_name(string file, int width, int height)
    {
        byte[] data = Read(file);

        Image image = MagickImageDecoder.AllFormats.Decode(data, ImageDecoderOptions.Default);

        Assert.Equal((width, height), (image.Width, image.Height));
        ImageFormatException exception = Assert.Throws<ImageFormatException>(
            () => ImageDecoder.Default.Decode(data, ImageDecoderOptions.Default));
        Assert.Contains("SimNet.MagickNet", exception.Problem, StringComparison.Ordinal);
        Assert.Equal(ImageSignature.Describe(data), exception.Cause);
    }

    [SkippableTheory]
    [InlineData("jpeg-arithmetic--libjpeg-turbo-testimgari.jpg")]
    [InlineData("jpeg-arithmetic--progressive.jpg")]
    public void Arithmetic_coded_JPEG_gives_the_values_of_libjpeg(string file)
    {
        byte[] data = Read(file);

        Image image = TestFiles.Decode(data);

        TestFiles.AssertClose(ReferenceProgram.ReadPnm(ReferenceProgram.Convert(data, "djpeg")), image, tolerance: 2);
    }

    /// <summary>
    /// The mean colors are those of LittleCMS with the profile that is in the file, by Pillow, which compensates the black point.
    /// </summary>
    [SkippableTheory]
    [InlineData("jpegli-xyb.jpg", 126.5, 125.9, 49.8)]
    [InlineData("jpegli-xyb-photo.jpg", 126.1, 116.9, 107.7)]
    public void Profiles_with_look_up_tables_are_applied(string file, double red, double green, double blue)
    {
        byte[] data = Read(file);

        Image image = TestFiles.Decode(data);

        double[] means = new double[3];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            means[i % 3] += image.Pixels[i] / (double)(image.Width * image.Height);
        }

        Assert.InRange(means[0], red - 2, red + 2);
        Assert.InRange(means[1], green - 2, green + 2);
        Assert.InRange(means[2], blue - 2, blue + 2);
    }

    /// <summary>Reads the file with this name, or with this end of its name.</summary>
    private static byte[] Read(string file) => File.ReadAllBytes(Assert.Single(
        Directory.GetFiles(TestData.RequireFolder(Path.Combine("cases", "pictures")), $"*{file}")));
}
