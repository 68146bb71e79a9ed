using ImageMagick;

namespace SimNet.MagickNet.Tests;

/// <summary>The same values as other decoders, on files that other encoders write where they are at hand.</summary>
public class ReferenceTests
{
    private const int Side = 67;

    [SkippableFact]
    public void WebP_gives_the_values_of_libwebp()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["image.webp"], TestFiles.Encode(Pattern(), MagickFormat.WebP, quality: 80));
        ReferenceProgram.Run("dwebp", folder["image.webp"], "-ppm", "-o", folder["image.ppm"]);

        AssertAgrees(folder, "image.webp", tolerance: 0);
    }

    [SkippableFact]
    public void AVIF_gives_the_values_of_libavif()
    {
        using TemporaryFolder folder = WithPng();
        ReferenceProgram.Run("avifenc", "-y", "444", "-s", "8", folder["image.png"], folder["image.avif"]);
        ReferenceProgram.Run("avifdec", folder["image.avif"], folder["decoded.png"]);
        File.WriteAllBytes(folder["image.ppm"], ReferenceProgram.Convert(File.ReadAllBytes(folder["decoded.png"]), "pngtopnm"));

        AssertAgrees(folder, "image.avif", tolerance: 3);
    }

    [SkippableFact]
    public void HEIC_gives_the_values_of_libheif()
    {
        using TemporaryFolder folder = WithPng();
        ReferenceProgram.Run("heif-enc", folder["image.png"], "-q", "90", "-o", folder["image.heic"]);
        ReferenceProgram.Run("heif-convert", folder["image.heic"], folder["decoded.png"]);
        File.WriteAllBytes(folder["image.ppm"], ReferenceProgram.Convert(File.ReadAllBytes(folder["decoded.png"]), "pngtopnm"));

        AssertAgrees(folder, "image.heic", tolerance: 3);
    }

    [SkippableFact]
    public void JPEG_XL_gives_the_values_of_libjxl()
    {
        using TemporaryFolder folder = WithPng();
        ReferenceProgram.Run("cjxl", folder["image.png"], folder["image.jxl"], "-d", "0");
        ReferenceProgram.Run("djxl", folder["image.jxl"], folder["image.ppm"]);

        AssertAgrees(folder, "image.jxl", tolerance: 0);
    }

    [SkippableFact]
    public void JPEG_2000_gives_the_values_of_OpenJPEG()
    {
        using TemporaryFolder folder = WithPng();
        ReferenceProgram.Run("opj_compress", "-i", folder["image.png"], "-o", folder["image.jp2"], "-r", "8");
        ReferenceProgram.Run("opj_decompress", "-i", folder["image.jp2"], "-o", folder["decoded.png"]);
        File.WriteAllBytes(folder["image.ppm"], ReferenceProgram.Convert(File.ReadAllBytes(folder["decoded.png"]), "pngtopnm"));

        AssertAgrees(folder, "image.jp2", tolerance: 0);
    }

    [SkippableTheory]
    [InlineData(MagickFormat.Gif, "giftopnm")]
    [InlineData(MagickFormat.Bmp3, "bmptopnm")]
    [InlineData(MagickFormat.Tiff, "tifftopnm")]
    public void Formats_without_loss_give_the_values_of_Netpbm(MagickFormat format, string program)
    {
        using MagickImage image = Pattern();
        byte[] file = image.ToByteArray(format);

        TestFiles.AssertClose(
            ReferenceProgram.ReadPnm(ReferenceProgram.Convert(file, program)),
            TestFiles.Decode(file, DecodingTolerance.Strict),
            tolerance: 0);
    }

    [SkippableTheory]
    [InlineData("-arithmetic")]
    [InlineData("-arithmetic", "-progressive")]
    [InlineData("-arithmetic", "-grayscale")]
    public void Arithmetic_coded_JPEG_gives_the_values_of_libjpeg(params string[] options)
    {
        using MagickImage image = Pattern();
        byte[] jpeg = ReferenceProgram.Convert(image.ToByteArray(MagickFormat.Ppm), "cjpeg", options);

        Image expected = ReferenceProgram.ReadPnm(ReferenceProgram.Convert(jpeg, "djpeg"));

        TestFiles.AssertClose(expected, TestFiles.Decode(jpeg, DecodingTolerance.Strict), tolerance: 1);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AVIF_is_turned_once(int quarterTurns)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["image.png"], TestFiles.Encode(MagickFormat.Png));
        ReferenceProgram.Run("avifenc", "--irot", $"{quarterTurns}", "-s", "8", folder["image.png"], folder["image.avif"]);

        Image image = TestFiles.Decode(File.ReadAllBytes(folder["image.avif"]));

        // Turned counterclockwise: the upper right corner comes to the upper left.
        int[][] corners = [[1, 3, 0, 2], [3, 2, 1, 0], [2, 0, 3, 1]];
        TestFiles.AssertQuarters(image, tolerance: 10, [.. corners[quarterTurns - 1].Select(corner => TestFiles.Corners[corner])]);
    }

    private static void AssertAgrees(TemporaryFolder folder, string file, int tolerance) => TestFiles.AssertClose(
        ReferenceProgram.ReadPnm(File.ReadAllBytes(folder["image.ppm"])),
        TestFiles.Decode(File.ReadAllBytes(folder[file]), DecodingTolerance.Strict),
        tolerance);

    private static TemporaryFolder WithPng()
    {
        var folder = new TemporaryFolder();
        using MagickImage image = Pattern();
        File.WriteAllBytes(folder["image.png"], image.ToByteArray(MagickFormat.Png24));
        return folder;
    }

    /// <summary>Smooth color with an edge, in few enough colors for a palette.</summary>
    private static MagickImage Pattern()
    {
        byte[] pixels = new byte[Side * Side * 3];
        for (int y = 0, at = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                pixels[at++] = (byte)(x / 10 * 36);
                pixels[at++] = (byte)(y / 10 * 36);
                pixels[at++] = (byte)(x > y ? 200 : 30);
            }
        }

        return TestFiles.FromRgb(Side, Side, pixels);
    }
}
