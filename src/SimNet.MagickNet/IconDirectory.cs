using System.Buffers.Binary;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>The directory of an icon or cursor: entries of 16 bytes after a header of 6 (Microsoft's ICONDIR and ICONDIRENTRY).</summary>
internal static class IconDirectory
{
    private const int HeaderLength = 6, EntryLength = 16;

    /// <summary>Selects the image with the most pixels, of several the one with the most bytes, which has the most colors.</summary>
    /// <param name="data">The file.</param>
    /// <param name="icon">An icon with this image only.</param>
    /// <returns>The image, a PNG file or a bitmap without file header.</returns>
    public static ReadOnlySpan<byte> SelectLargest(ReadOnlySpan<byte> data, out byte[] icon)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(data[4..]);
        if (HeaderLength + (count * EntryLength) > data.Length)
        {
            throw new ImageFormatException($"The icon ends in its directory of {count} images.", data.Length) { Cause = "cut short" };
        }

        ReadOnlySpan<byte> best = [];
        (int Area, uint Length) bestSize = default;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = data.Slice(HeaderLength + (i * EntryLength), EntryLength);
            (int Area, uint Length) size = (Side(entry[0]) * Side(entry[1]), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
            if (best.IsEmpty || size.CompareTo(bestSize) > 0)
            {
                best = entry;
                bestSize = size;
            }
        }

        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(best[12..]);
        if (offset + (long)bestSize.Length > data.Length)
        {
            throw new ImageFormatException(
                $"The largest image of the icon has {bestSize.Length} bytes at {offset}; the file has {data.Length}.", data.Length)
            {
                Cause = "cut short",
            };
        }

        ReadOnlySpan<byte> image = data.Slice((int)offset, (int)bestSize.Length);
        icon = [.. data[..4], 1, 0, .. best[..12], HeaderLength + EntryLength, 0, 0, 0, .. image];
        return image;
    }

    /// <summary>Width or height, in which 0 means 256.</summary>
    private static int Side(byte value) => value == 0 ? 256 : value;
}
