using System.Buffers.Binary;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>
/// The structure of a Photoshop document: a header, three sections with their lengths, and the flattened image (Adobe Photoshop File Formats
/// Specification).
/// </summary>
internal static class PhotoshopDocument
{
    private const int HeaderLength = 26, Raw = 0, RunLength = 1;

    /// <summary>
    /// Returns the document without its layers. ImageMagick would read layers of any size and number, and fall back on them without a
    /// warning where the flattened image is cut short.
    /// </summary>
    /// <param name="data">The file.</param>
    /// <param name="isWhole">Whether the flattened image must be whole.</param>
    /// <exception cref="ImageFormatException">The file ends early.</exception>
    public static byte[] Flatten(ReadOnlySpan<byte> data, bool isWhole)
    {
        if (data.Length < HeaderLength)
        {
            throw EndsIn("the header", data.Length);
        }

        bool isLarge = data[5] == 2;
        int channels = BinaryPrimitives.ReadUInt16BigEndian(data[12..]);
        long height = BinaryPrimitives.ReadUInt32BigEndian(data[14..]);
        long width = BinaryPrimitives.ReadUInt32BigEndian(data[18..]);
        int depth = BinaryPrimitives.ReadUInt16BigEndian(data[22..]);

        // Color mode data, image resources, layers and masks.
        long at = HeaderLength, layers = 0;
        for (int section = 0; section < 3; section++)
        {
            int size = isLarge && section == 2 ? 8 : 4;
            if (at + size > data.Length)
            {
                throw EndsIn("its sections", data.Length);
            }

            ulong length = size == 8
                ? BinaryPrimitives.ReadUInt64BigEndian(data[(int)at..])
                : BinaryPrimitives.ReadUInt32BigEndian(data[(int)at..]);
            layers = at;
            at += size + (long)Math.Min(length, int.MaxValue);
        }

        if (at + 2 > data.Length)
        {
            throw EndsIn("its sections", data.Length);
        }

        byte[] flattened = [.. data[..(int)layers], .. new byte[isLarge ? 8 : 4], .. data[(int)at..]];
        int compression = BinaryPrimitives.ReadUInt16BigEndian(data[(int)at..]);
        at += 2;
        long rows = channels * height;
        long needed = compression switch
        {
            Raw => rows * ((width * depth) + 7 >> 3),
            RunLength => rows * (isLarge ? 4 : 2),
            _ => 0,
        };
        if (compression == RunLength && at + needed <= data.Length)
        {
            // A table of the compressed length of each row, then the rows.
            ReadOnlySpan<byte> lengths = data.Slice((int)at, (int)needed);
            for (int i = 0; i < lengths.Length; i += isLarge ? 4 : 2)
            {
                needed += isLarge
                    ? BinaryPrimitives.ReadUInt32BigEndian(lengths[i..])
                    : BinaryPrimitives.ReadUInt16BigEndian(lengths[i..]);
            }
        }

        return at + needed <= data.Length || !isWhole ? flattened : throw EndsIn("its flattened image", data.Length);
    }

    private static ImageFormatException EndsIn(string part, int length) =>
        new($"The Photoshop document ends early, in {part}, after {length} bytes.", length) { Cause = "cut short" };
}
