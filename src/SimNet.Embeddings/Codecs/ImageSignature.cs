using System.Buffers.Binary;
using System.Text;

namespace SimNet.Embeddings;

/// <summary>Recognizes the format of a file by its first bytes. The name of the file is of no importance.</summary>
public static class ImageSignature
{
    /// <summary>The number of first bytes that are enough to recognize a format, 64.</summary>
    public const int Length = 64;

    /// <summary>Recognizes the format of an encoded image.</summary>
    /// <param name="data">The first bytes of the file, <see cref="Length"/> or more unless the file is shorter.</param>
    /// <returns>The format; <see cref="ImageFormat.Unknown"/> if the file is not an image of a known format.</returns>
    public static ImageFormat Recognize(ReadOnlySpan<byte> data) => data switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A, ..] => ImageFormat.JpegXl,
        [0xFF, 0x4F, 0xFF, 0x51, ..] or [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A, ..]
            => ImageFormat.Jpeg2000,
        [(byte)'8', (byte)'B', (byte)'P', (byte)'S', 0, 1 or 2, ..] => ImageFormat.Photoshop,
        [0, 0, 1 or 2, 0, _, _, ..] when IsIcon(data) => ImageFormat.Icon,
        [(byte)'B', (byte)'M', ..] when IsBitmap(data) => ImageFormat.Bmp,
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => RecognizeBrands(data),
        _ => ImageFormat.Unknown,
    };

    /// <summary>Describes what a file is, to complete the sentence "The file is ...".</summary>
    /// <param name="data">The first bytes of the file, <see cref="Length"/> or more unless the file is shorter.</param>
    /// <returns>A noun phrase with an article, such as "a WebP image" or "an HTML page"; "a file of an unknown format" at worst.</returns>
    public static string Describe(ReadOnlySpan<byte> data) => Recognize(data) switch
    {
        ImageFormat.Jpeg => "a JPEG image",
        ImageFormat.Png => "a PNG image",
        ImageFormat.WebP => "a WebP image",
        ImageFormat.Gif => "a GIF image",
        ImageFormat.Bmp => "a BMP image",
        ImageFormat.Tiff => "a TIFF image",
        ImageFormat.Avif => "an AVIF image",
        ImageFormat.Heic => "a HEIC image",
        ImageFormat.JpegXl => "a JPEG XL image",
        ImageFormat.Jpeg2000 => "a JPEG 2000 image",
        ImageFormat.Icon => "an icon",
        ImageFormat.Photoshop => "a Photoshop document",
        _ => DescribeOther(data),
    };

    private static string DescribeOther(ReadOnlySpan<byte> data)
    {
        switch (data)
        {
            case []:
                return "an empty file";
            case [(byte)'%', (byte)'P', (byte)'D', (byte)'F', (byte)'-', ..]:
                return "a PDF document";
            case [(byte)'%', (byte)'!', (byte)'P', (byte)'S', ..]:
                return "a PostScript document";
            case [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..]:
                return "a ZIP archive";
            case [0x1F, 0x8B, ..]:
                return "a gzip archive";
            case [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..]:
            case [0x1A, 0x45, 0xDF, 0xA3, ..]:
                return "a video";
        }

        ReadOnlySpan<byte> start = data[..Math.Min(data.Length, Length)];
        if (start.IndexOfAnyExcept((byte)0) < 0)
        {
            return "a file of zeros";
        }

        string text = Encoding.Latin1.GetString(start).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        if (StartsWith("<!doctype html") || StartsWith("<html") || StartsWith("<head") || StartsWith("<body"))
        {
            return "an HTML page";
        }

        if (StartsWith("<svg"))
        {
            return "an SVG drawing";
        }

        if (StartsWith("<?xml") || StartsWith("<!--"))
        {
            return text.Contains("svg", StringComparison.OrdinalIgnoreCase) ? "an SVG drawing" : "an XML file";
        }

        if (StartsWith("version https://git-lfs"))
        {
            return "a pointer of Git LFS, not the file itself";
        }

        return start.IndexOfAnyInRange((byte)0, (byte)8) < 0 && start.IndexOfAnyInRange((byte)14, (byte)31) < 0
            ? "a text file"
            : "a file of an unknown format";

        bool StartsWith(string prefix) => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the directory of an icon (Microsoft's ICONDIR) has entries, the first with the reserved byte 0.</summary>
    private static bool IsIcon(ReadOnlySpan<byte> data) =>
        data.Length >= 22 && BinaryPrimitives.ReadUInt16LittleEndian(data[4..]) is > 0 and < 1024 && data[9] == 0;

    /// <summary>Whether the header that follows the file header has one of the sizes of Windows' and OS/2's bitmap headers.</summary>
    private static bool IsBitmap(ReadOnlySpan<byte> data) =>
        data.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(data[14..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;

    /// <summary>Reads the brands of a file type box (ISO 14496-12, 4.3): the major one, then the compatible ones.</summary>
    private static ImageFormat RecognizeBrands(ReadOnlySpan<byte> data)
    {
        int end = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(data), (uint)Math.Min(data.Length, Length));
        for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
        {
            ReadOnlySpan<byte> brand = data.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
            {
                return ImageFormat.Avif;
            }

            if (brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("heim"u8)
                || brand.SequenceEqual("heis"u8) || brand.SequenceEqual("hevc"u8) || brand.SequenceEqual("hevx"u8))
            {
                return ImageFormat.Heic;
            }
        }

        // The general brands of HEIF do not say which codec is inside.
        return data.Slice(8, Math.Min(4, data.Length - 8)) is [(byte)'m', (byte)'i' or (byte)'s', (byte)'f', (byte)'1']
            ? ImageFormat.Heic
            : ImageFormat.Unknown;
    }
}
