using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>The orientation of an image: Exif 2.32, 4.6.4, tag 0x0112.</summary>
internal static class ExifOrientation
{
    /// <summary>The first row is the top, and the first column is the left side: the image is upright.</summary>
    public const int TopLeft = 1;

    private const int Tag = 0x0112;
    private const int ShortType = 3;

    /// <summary>
    /// Reads the orientation from the content of an APP1 segment. Invalid metadata does not affect the pixels, so it is not an error.
    /// </summary>
    /// <returns>1 to 8; 1 for Exif without a valid orientation; null if the content is not Exif.</returns>
    public static int? Read(ReadOnlySpan<byte> content)
    {
        if (!content.StartsWith("Exif\0\0"u8))
        {
            return null;
        }

        // TIFF 6.0, section 2: byte order, 42, offset of the first directory. A directory is a count and entries of 12 bytes.
        ReadOnlySpan<byte> tiff = content[6..];
        if (tiff.Length < 8)
        {
            return TopLeft;
        }

        bool isLittleEndian = tiff.StartsWith("II"u8);
        if ((!isLittleEndian && !tiff.StartsWith("MM"u8)) || ReadUInt16(tiff[2..], isLittleEndian) != 42)
        {
            return TopLeft;
        }

        uint directory = isLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
        {
            return TopLeft;
        }

        ReadOnlySpan<byte> entries = tiff[(int)directory..];
        int count = ReadUInt16(entries, isLittleEndian);
        entries = entries[2..];
        for (int i = 0; i < count && entries.Length >= 12; i++, entries = entries[12..])
        {
            if (ReadUInt16(entries, isLittleEndian) == Tag)
            {
                int value = ReadUInt16(entries[8..], isLittleEndian);
                return ReadUInt16(entries[2..], isLittleEndian) == ShortType && value is >= 1 and <= 8 ? value : TopLeft;
            }
        }

        return TopLeft;
    }

    /// <summary>Whether the orientation exchanges rows and columns.</summary>
    public static bool SwapsSides(int orientation) => orientation >= 5;

    /// <summary>Applies the orientation to stored pixels.</summary>
    /// <param name="source">The stored pixels.</param>
    /// <param name="width">The stored number of columns.</param>
    /// <param name="height">The stored number of rows.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="orientation">The orientation, 2 to 8.</param>
    /// <param name="target">Receives the upright pixels; width and height are exchanged if <see cref="SwapsSides"/>.</param>
    public static void Apply(ReadOnlySpan<byte> source, int width, int height, int channels, int orientation, Span<byte> target)
    {
        int rowLength = width * channels;
        for (int y = 0; y < height; y++)
        {
            PlaceRow(source.Slice(y * rowLength, rowLength), y, width, height, channels, orientation, target);
        }
    }

    /// <summary>Puts a stored row at its place in the upright image.</summary>
    /// <param name="source">The stored row.</param>
    /// <param name="y">The index of the stored row.</param>
    /// <param name="width">The stored number of columns.</param>
    /// <param name="height">The stored number of rows.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="orientation">The orientation, 2 to 8.</param>
    /// <param name="target">Receives the upright pixels; width and height are exchanged if <see cref="SwapsSides"/>.</param>
    public static void PlaceRow(
        ReadOnlySpan<byte> source, int y, int width, int height, int channels, int orientation, Span<byte> target)
    {
        // The sides of the upright image at which the first stored row and the first stored column are:
        // 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
        bool swaps = SwapsSides(orientation);
        bool fromRight = orientation is 2 or 3 or 6 or 7;
        bool fromBottom = orientation is 3 or 4 or 7 or 8;
        int uprightWidth = swaps ? height : width;
        int uprightHeight = swaps ? width : height;

        // The steps in the upright image from one stored pixel to the next, and from one stored row to the next.
        int right = fromRight ? -channels : channels;
        int down = (fromBottom ? -uprightWidth : uprightWidth) * channels;
        int alongRow = swaps ? down : right;
        int fromRowToRow = swaps ? right : down;
        int start = ((fromBottom ? (uprightHeight - 1) * uprightWidth : 0) + (fromRight ? uprightWidth - 1 : 0)) * channels;

        int index = 0;
        int place = start + y * fromRowToRow;
        for (int x = 0; x < width; x++, place += alongRow)
        {
            for (int c = 0; c < channels; c++)
            {
                target[place + c] = source[index++];
            }
        }
    }

    private static int ReadUInt16(ReadOnlySpan<byte> bytes, bool isLittleEndian) =>
        isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
