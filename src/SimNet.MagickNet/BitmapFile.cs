using System.Buffers.Binary;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>
/// The headers of a Windows bitmap: 14 bytes of the file, and those of the image (Microsoft's BITMAPCOREHEADER, BITMAPINFOHEADER
/// and its kin).
/// </summary>
internal static class BitmapFile
{
    private const int FileHeaderLength = 14, CoreHeaderLength = 12, InfoHeaderLength = 40;
    private const uint Uncompressed = 0, BitFields = 3;

    /// <summary>Returns the file with its length in the header.</summary>
    /// <param name="data">The file. Some programs write another length or none, which browsers do not mind, but ImageMagick does.</param>
    public static byte[] WithLength(ReadOnlySpan<byte> data)
    {
        byte[] file = data.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(2), (uint)file.Length);
        return file;
    }

    /// <summary>Checks that the file has all rows, if they are not compressed.</summary>
    /// <exception cref="ImageFormatException">The file ends early.</exception>
    public static void CheckRows(ReadOnlySpan<byte> data)
    {
        bool isCore = BinaryPrimitives.ReadUInt32LittleEndian(data[14..]) == CoreHeaderLength;
        if (data.Length < FileHeaderLength + (isCore ? CoreHeaderLength : InfoHeaderLength))
        {
            throw new ImageFormatException($"The file has {data.Length} bytes, less than its headers.", data.Length)
            {
                Cause = "cut short",
            };
        }

        if (!isCore && BinaryPrimitives.ReadUInt32LittleEndian(data[30..]) is not (Uncompressed or BitFields))
        {
            return;
        }

        long start = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
        long width = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(data[18..]) : BinaryPrimitives.ReadInt32LittleEndian(data[18..]);
        long height = isCore
            ? BinaryPrimitives.ReadUInt16LittleEndian(data[20..])
            : Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(data[22..]));
        int depth = BinaryPrimitives.ReadUInt16LittleEndian(data[(isCore ? 24 : 28)..]);

        // Rows are padded to whole words of 32 bits. Those of the last row are missing from some files.
        long stride = ((width * depth) + 31) / 32 * 4;
        if (width > 0 && height > 0 && start + (stride * height) - 3 > data.Length)
        {
            throw new ImageFormatException(
                $"The file has {data.Length} bytes; expected {start + (stride * height)}, for {height} rows of {stride} bytes.",
                data.Length)
            {
                Cause = "cut short",
            };
        }
    }
}
