using ImageMagick;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>ImageMagick's coders, one for each format.</summary>
internal static class Coders
{
    /// <summary>The coder for a format. JPEG 2000 has one for its codestream and one for the file format around it.</summary>
    public static MagickFormat Of(ImageFormat format, ReadOnlySpan<byte> data) => format switch
    {
        ImageFormat.Jpeg => MagickFormat.Jpeg,
        ImageFormat.Png => MagickFormat.Png,
        ImageFormat.WebP => MagickFormat.WebP,
        ImageFormat.Gif => MagickFormat.Gif,
        ImageFormat.Bmp => MagickFormat.Bmp,
        ImageFormat.Tiff => MagickFormat.Tiff,
        ImageFormat.Avif => MagickFormat.Avif,
        ImageFormat.Heic => MagickFormat.Heic,
        ImageFormat.JpegXl => MagickFormat.Jxl,
        ImageFormat.Jpeg2000 => data[0] == 0xFF ? MagickFormat.J2k : MagickFormat.Jp2,
        ImageFormat.Icon => MagickFormat.Ico,
        ImageFormat.Photoshop => MagickFormat.Psd,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Expected a known format."),
    };

    /// <summary>
    /// The memory that decoding takes at most, in bytes: up to 4 per pixel each in ImageMagick, in its copy while the image is turned, and
    /// here before transparency is blended, 3 in the result, and what the library of the format needs. Measured without turning and
    /// transparency: 7 to 10 in all, but 17 for JPEG 2000 (integers of 32 bits), 20 for AVIF and 26 for AVIF of 10 bits.
    /// </summary>
    public static long EstimateMemory(ImageFormat format, long pixels, long fileLength) => fileLength + (pixels * format switch
    {
        ImageFormat.Avif => 36,
        ImageFormat.Jpeg2000 => 28,
        ImageFormat.Heic or ImageFormat.JpegXl => 24,
        _ => 16,
    });
}
