using ImageMagick;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>ImageMagick's coders, one for each format.</summary>
internal static class Coders
{
    /// <summary>The coder for a format. The container of HEIF and the codestream of JPEG 2000 have coders of their own.</summary>
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
    /// The memory that decoding takes, in bytes: the pixels in ImageMagick, once more while they are turned, and as the result, and what
    /// the library of the format needs.
    /// </summary>
    public static long EstimateMemory(ImageFormat format, long pixels, long fileLength) => fileLength + (pixels * format switch
    {
        _ => 16,
    });
}
