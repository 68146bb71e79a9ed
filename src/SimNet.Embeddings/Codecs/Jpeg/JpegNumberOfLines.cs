using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>
/// The DNL segment (ITU T.81, B.2.5), which has the height of an image whose frame header has the height 0. It follows the first scan.
/// </summary>
internal static class JpegNumberOfLines
{
    /// <summary>Finds the height.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="position">The offset of the end of the frame header.</param>
    /// <param name="heightOffset">The offset of the height in the frame header.</param>
    public static int Find(ReadOnlySpan<byte> file, int position, long heightOffset)
    {
        while (file.Length - position >= 4)
        {
            if (file[position] != 0xFF || file[position + 1] is 0 or 0xFF || JpegMarker.IsRestart(file[position + 1]))
            {
                position++;
                continue;
            }

            byte marker = file[position + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]);
            if (marker == JpegMarker.NumberOfLines && length == 4 && file.Length - position >= 6)
            {
                int height = BinaryPrimitives.ReadUInt16BigEndian(file[(position + 4)..]);
                if (height > 0)
                {
                    return height;
                }
            }

            if (marker == JpegMarker.EndOfImage)
            {
                break;
            }

            position = marker == JpegMarker.StartOfScan
                ? EntropyCodedData.SkipScan(file, Math.Min(position + 2 + length, file.Length))
                : position + 2 + length;
        }

        throw new ImageFormatException(
            "The frame header has height 0, which defers the height to a DNL segment; expected this segment after the first scan.",
            heightOffset);
    }
}
