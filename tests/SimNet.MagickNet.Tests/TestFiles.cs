using ImageMagick;

namespace SimNet.MagickNet.Tests;

/// <summary>Small images that the tests write, and what reading them should give.</summary>
internal static class TestFiles
{
    public const int Width = 48, Height = 32;

    /// <summary>The colors of the corner quarters: upper left, upper right, lower left, lower right.</summary>
    public static readonly RgbColor[] Corners = [new(200, 40, 40), new(40, 180, 60), new(40, 60, 200), new(230, 220, 60)];

    /// <summary>Every format that ImageMagick writes and this decoder reads.</summary>
    public static readonly MagickFormat[] FormatList =
    [
        MagickFormat.WebP, MagickFormat.Avif, MagickFormat.Gif, MagickFormat.Bmp, MagickFormat.Bmp2, MagickFormat.Bmp3, MagickFormat.Tiff,
        MagickFormat.Tiff64, MagickFormat.Jxl, MagickFormat.Jp2, MagickFormat.J2k, MagickFormat.Ico, MagickFormat.Psd, MagickFormat.Psb,
        MagickFormat.Jpeg, MagickFormat.Png,
    ];

    public static TheoryData<MagickFormat> Formats => [.. FormatList];

    /// <summary>Four quarters of different colors.</summary>
    public static MagickImage Quarters(int width = Width, int height = Height)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            RgbColor color = Corners[(i % width / ((width + 1) / 2)) + (2 * (i / width / ((height + 1) / 2)))];
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (color.Red, color.Green, color.Blue);
        }

        return FromRgb(width, height, pixels);
    }

    public static MagickImage FromRgb(int width, int height, byte[] pixels) =>
        new(pixels, new PixelReadSettings((uint)width, (uint)height, StorageType.Char, PixelMapping.RGB));

    public static byte[] Encode(MagickFormat format, int quality = 95)
    {
        using MagickImage image = Quarters();
        return Encode(image, format, quality);
    }

    public static byte[] Encode(MagickImage image, MagickFormat format, int quality = 95)
    {
        image.Quality = (uint)quality;
        return image.ToByteArray(format);
    }

    public static Image Decode(byte[] file, DecodingTolerance tolerance = DecodingTolerance.Lenient, RgbColor? background = null) =>
        new MagickImageDecoder().Decode(file, new ImageDecoderOptions { Tolerance = tolerance, Background = background });

    public static ImageFormatException Refused(byte[] file, DecodingTolerance tolerance = DecodingTolerance.Lenient) =>
        Assert.Throws<ImageFormatException>(() => Decode(file, tolerance));

    /// <summary>Asserts the colors in the middle of the four quarters.</summary>
    public static void AssertQuarters(Image image, int tolerance, RgbColor[]? corners = null)
    {
        for (int i = 0; i < 4; i++)
        {
            int x = image.Width * (1 + (2 * (i % 2))) / 4, y = image.Height * (1 + (2 * (i / 2))) / 4;
            AssertColor((corners ?? Corners)[i], ColorAt(image, x, y), tolerance, $"quarter {i}");
        }
    }

    public static RgbColor ColorAt(Image image, int x, int y)
    {
        ReadOnlySpan<byte> pixel = image.Row(y).Slice(x * image.Channels, image.Channels);
        return image.Channels == 1 ? new RgbColor(pixel[0], pixel[0], pixel[0]) : new RgbColor(pixel[0], pixel[1], pixel[2]);
    }

    public static void AssertColor(RgbColor expected, RgbColor actual, int tolerance, string what = "") => Assert.True(
        Math.Abs(expected.Red - actual.Red) <= tolerance && Math.Abs(expected.Green - actual.Green) <= tolerance
            && Math.Abs(expected.Blue - actual.Blue) <= tolerance,
        $"{what}: {actual}; expected {expected}, give or take {tolerance}.");

    /// <summary>Asserts that no value differs from that of another decoder by more than a few levels.</summary>
    public static void AssertClose(Image expected, Image actual, int tolerance)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        int worst = 0;
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(expected.Pixels[i] - actual.Pixels[i]));
        }

        Assert.InRange(worst, 0, tolerance);
    }
}
