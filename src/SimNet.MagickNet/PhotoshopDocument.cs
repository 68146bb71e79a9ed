using System.Buffers.Binary;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>
/// The structure of a Photoshop document: a header, sections of color mode data, image resources and layers, each with its length, and the
/// flattened image (Adobe Photoshop File Formats Specification). PSB has longer fields in places.
/// </summary>
internal static class PhotoshopDocument
{
    private const int HeaderLength = 26, Raw = 0, RunLength = 1;
    private const ushort IccProfile = 1039;

    /// <summary>
    /// Returns the document with the flattened image, the profile, and the sign of the number of layers, which tells of transparency. Of
    /// all else ImageMagick would read much: layers of any size, metadata in XML, and the layers in place of a flattened image that is cut
    /// short.
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
        int at = HeaderLength;
        ReadOnlySpan<byte> colors = Section(data, ref at, isLarge: false);
        ReadOnlySpan<byte> resources = Section(data, ref at, isLarge: false);
        ReadOnlySpan<byte> layers = Section(data, ref at, isLarge);
        ReadOnlySpan<byte> image = data[at..];
        if (image.Length < 2)
        {
            throw EndsIn("its sections", data.Length);
        }

        if (isWhole && image.Length < ImageLength(data, image, isLarge))
        {
            throw EndsIn("its flattened image", data.Length);
        }

        int size = isLarge ? 8 : 4;
        byte[] profile = FindProfile(resources);
        byte[] count = layers.Length < size + 2 ? [] : [.. BigEndian(2, size), layers[size], layers[size + 1]];
        return
        [
            .. data[..HeaderLength],
            .. BigEndian(colors.Length, 4), .. colors,
            .. BigEndian(profile.Length, 4), .. profile,
            .. BigEndian(count.Length, size), .. count,
            .. image,
        ];
    }

    /// <summary>The length of the flattened image, as far as it is known before it is decoded.</summary>
    private static long ImageLength(ReadOnlySpan<byte> header, ReadOnlySpan<byte> image, bool isLarge)
    {
        long rows = (long)BinaryPrimitives.ReadUInt16BigEndian(header[12..]) * BinaryPrimitives.ReadUInt32BigEndian(header[14..]);
        long width = BinaryPrimitives.ReadUInt32BigEndian(header[18..]);
        int depth = BinaryPrimitives.ReadUInt16BigEndian(header[22..]);
        int compression = BinaryPrimitives.ReadUInt16BigEndian(image);
        int size = isLarge ? 4 : 2;
        long length = 2 + compression switch
        {
            Raw => rows * (((width * depth) + 7) / 8),
            RunLength => rows * size,
            _ => 0,
        };
        if (compression == RunLength && length <= image.Length)
        {
            // A table of the compressed length of each row, then the rows.
            ReadOnlySpan<byte> lengths = image[2..(int)length];
            for (int i = 0; i < lengths.Length; i += size)
            {
                length += isLarge
                    ? BinaryPrimitives.ReadUInt32BigEndian(lengths[i..])
                    : BinaryPrimitives.ReadUInt16BigEndian(lengths[i..]);
            }
        }

        return length;
    }

    /// <summary>
    /// The resource with the profile; empty if there is none. A resource has a number, a name and data, padded to even lengths.
    /// </summary>
    private static byte[] FindProfile(ReadOnlySpan<byte> resources)
    {
        for (int at = 0; at + 12 <= resources.Length;)
        {
            int name = at + 6, size = name + ((resources[name] + 2) & ~1);
            if (size + 4 > resources.Length)
            {
                break;
            }

            long end = size + 4L + BinaryPrimitives.ReadUInt32BigEndian(resources[size..]);
            end += end & 1;
            if (end > resources.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(resources[(at + 4)..]) == IccProfile)
            {
                return resources[at..(int)end].ToArray();
            }

            at = (int)end;
        }

        return [];
    }

    /// <summary>Reads a length and what it counts.</summary>
    private static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> data, ref int at, bool isLarge)
    {
        int size = isLarge ? 8 : 4;
        if (at + size <= data.Length)
        {
            ulong length = isLarge ? BinaryPrimitives.ReadUInt64BigEndian(data[at..]) : BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
            at += size;
            if (length <= (ulong)(data.Length - at))
            {
                at += (int)length;
                return data.Slice(at - (int)length, (int)length);
            }
        }

        throw EndsIn("its sections", data.Length);
    }

    private static byte[] BigEndian(int value, int size)
    {
        byte[] bytes = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(size - 4), value);
        return bytes;
    }

    private static ImageFormatException EndsIn(string part, int length) =>
        new($"The Photoshop document ends early, in {part}, after {length} bytes.", length) { Cause = "cut short" };
}
