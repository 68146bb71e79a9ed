using System.IO.Compression;

namespace SimNet.Embeddings;

/// <summary>
/// Decodes PNG (W3C PNG, third edition) of every color type, bit depth and interlace method, converts it to sRGB, blends transparency onto
/// a background, and applies the orientation in eXIf. A whole image in a damaged file is read; <see cref="PngContents"/> and this class
/// say what is ignored.
/// </summary>
internal static class PngDecoder
{
    /// <summary>
    /// The largest compression ratio of Deflate: a match of 258 bytes takes at least two bits, one for its length and one for its distance.
    /// </summary>
    public const long LargestRatio = 258 * 8 / 2;

    /// <summary>The length of the header of zlib (RFC 1950, 2.2).</summary>
    private const int WrapperLength = 2;

    /// <summary>The gray of missing pixels.</summary>
    private const byte Missing = 128;

    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options, bool hasFallback = false)
    {
        var blemishes = new BlemishList(options.Tolerance);
        PngContents contents = PngContents.Read(data, options, blemishes);
        PngHeader header = contents.Header;
        bool salvages = options.Tolerance == DecodingTolerance.Salvage;
        if (contents.DataLength * LargestRatio < header.ScanlineBytes && !salvages)
        {
            throw new ImageFormatException(
                $"{contents.DataLength} bytes of compressed data cannot contain the {header.ScanlineBytes} bytes of "
                + $"an image of {header.Width}x{header.Height}.",
                contents.DataOffset)
            {
                Cause = "cut short",
            };
        }

        ColorTransform? color = contents.Color.Read(header.Channels, contents.DataOffset, hasFallback, blemishes);
        bool turns = contents.Orientation is not (null or ExifOrientation.TopLeft);
        long pixelBytes = (long)header.Width * header.Height * header.Channels;
        using IDisposable memory = options.Memory.Reserve(
            contents.DataLength + PngRowReader.Memory(header) + (pixelBytes * (turns ? 2 : 1)));
        byte[] pixels = ReadPixels(contents, color, options, blemishes);
        if (!turns)
        {
            return new Image(header.Width, header.Height, header.Channels, pixels) { Blemishes = blemishes.Sentences };
        }

        int orientation = contents.Orientation!.Value;
        byte[] upright = new byte[pixels.Length];
        ExifOrientation.Apply(pixels, header.Width, header.Height, header.Channels, orientation, upright);
        (int width, int height) = ExifOrientation.SwapsSides(orientation) ? (header.Height, header.Width) : (header.Width, header.Height);
        return new Image(width, height, header.Channels, upright) { Blemishes = blemishes.Sentences };
    }

    private static byte[] ReadPixels(PngContents contents, ColorTransform? color, ImageDecoderOptions options, BlemishList blemishes)
    {
        PngHeader header = contents.Header;
        byte[] compressed = contents.JoinData();
        bool salvages = options.Tolerance == DecodingTolerance.Salvage;
        byte[]? pixels = null;
        RgbColor background = options.Background ?? RgbColor.White;
        var converter = new PngPixelConverter(header, contents.Palette, contents.Transparency, color, background);
        PngRowReader rows = Read(compressed, isWrapped: true, header, converter, salvages, ref pixels, out PngDataStream source);
        bool isWrapped = rows.Damage is null;
        if (!isWrapped && !salvages && !HasValidWrapper(compressed))
        {
            throw new ImageFormatException(
                $"The compressed data starts with {Convert.ToHexString(compressed.AsSpan(0, Math.Min(2, compressed.Length)))}; "
                + "expected a header of zlib (RFC 1950) without a dictionary.",
                contents.DataOffset);
        }

        if (!isWrapped)
        {
            // Rows can be read to the end although the checksum after them is wrong: without the wrapper of zlib, nobody checks it.
            converter = new PngPixelConverter(header, contents.Palette, contents.Transparency, color, background);
            rows = Read(compressed, isWrapped: false, header, converter, salvages, ref pixels, out source);
        }

        Judge(rows, contents, source, isWrapped, salvages, blemishes);
        if (converter.MissingIndex >= 0)
        {
            blemishes.Add(
                $"A pixel has palette index {converter.MissingIndex}, which is not in PLTE.", contents.DataOffset, "It is black.");
        }

        if (options.Background is null && converter.IsNearlyBlank)
        {
            converter = new PngPixelConverter(header, contents.Palette, contents.Transparency, color, RgbColor.Black);
            Read(compressed, isWrapped, header, converter, salvages, ref pixels, out _);
        }

        return pixels!;
    }

    private static PngRowReader Read(
        byte[] compressed, bool isWrapped, PngHeader header, PngPixelConverter converter, bool salvages, ref byte[]? pixels,
        out PngDataStream source)
    {
        source = new PngDataStream(compressed, isWrapped ? 0 : Math.Min(WrapperLength, compressed.Length));
        using Stream scanlines = isWrapped
            ? new ZLibStream(source, CompressionMode.Decompress, leaveOpen: true)
            : new DeflateStream(source, CompressionMode.Decompress, leaveOpen: true);
        var rows = new PngRowReader(header, converter);
        rows.Read(scanlines, ref pixels, () =>
        {
            byte[] created = new byte[header.Width * header.Height * header.Channels];
            if (salvages)
            {
                Array.Fill(created, Missing);
            }

            return created;
        });
        return rows;
    }

    /// <summary>Whether the data starts as RFC 1950, 2.2 says: Deflate, a check, and no dictionary.</summary>
    private static bool HasValidWrapper(byte[] compressed) =>
        compressed is [var method, var flags, ..] && (method & 15) == 8 && method >> 4 <= 7 && (flags & 32) == 0
        && ((method << 8) + flags) % 31 == 0;

    /// <summary>Takes note of what is wrong with the compressed data, or throws if rows are missing.</summary>
    private static void Judge(
        PngRowReader rows, PngContents contents, PngDataStream source, bool isWrapped, bool salvages, BlemishList blemishes)
    {
        PngHeader header = contents.Header;
        int offset = contents.DataOffset;
        if (rows.PixelsRead == (long)header.Width * header.Height)
        {
            if (rows.HasMore)
            {
                blemishes.Add("There is more image data after the last row; expected none.", offset, "It is ignored.");
            }
            else if (!isWrapped || source.IsExhausted)
            {
                blemishes.Add("The checksum (Adler-32) of the image data is wrong or missing.", offset);
            }
            else if (source.HasRest)
            {
                blemishes.Add("There are bytes after the end of the compressed data; expected none.", offset, "They are ignored.");
            }

            return;
        }

        bool isCut = !rows.IsDamaged;
        double share = rows.PixelsRead / ((double)header.Width * header.Height);
        string reason = contents.Gap is null || !isCut ? "" : $" The reason: {contents.Gap}.";
        string what = $"{(isCut ? "The image is cut short" : "The image is damaged")} after {Math.Floor(share * 100)} % of the "
            + $"{(header.Interlaced ? "pixels" : "rows")}: {rows.Problem}{reason}";
        if (!salvages || rows.RowsRead == 0)
        {
            throw new ImageFormatException(what, offset, file: null, rows.Damage) { Cause = isCut ? "cut short" : "damaged" };
        }

        blemishes.Add(what, offset, "The rest is gray.");
    }
}
