using System.Buffers.Binary;
using System.IO.Compression;

namespace SimNet.Embeddings;

/// <summary>Encodes images losslessly as PNG, 8-bit gray or RGB. This class is thread-safe.</summary>
/// <remarks>
/// Each row takes the filter with the minimum sum of absolute differences, as W3C PNG, third edition, section 12.7 recommends.
/// </remarks>
public static class PngEncoder
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>The bytes of a PNG file.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    public static byte[] Encode(Image image)
    {
        using var stream = new MemoryStream();
        Encode(image, stream);
        return stream.ToArray();
    }

    /// <summary>Encodes an image to a stream, which is left open.</summary>
    /// <param name="image">The image.</param>
    /// <param name="stream">The stream to write to; it does not have to be seekable.</param>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> or <paramref name="stream"/> is null.</exception>
    /// <exception cref="ArgumentException">The stream is not writable.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Encode(Image image, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
        {
            throw new ArgumentException("Expected a writable stream.", nameof(stream));
        }

        stream.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = (byte)(image.Channels == 1 ? PngColorType.Gray : PngColorType.Rgb);
        header[10..].Clear();
        PngChunkWriter.Write(stream, "IHDR"u8, header);
        using (var chunks = new PngChunkWriter(stream))
        using (var compressed = new ZLibStream(chunks, CompressionLevel.Optimal, leaveOpen: true))
        {
            WriteRows(image, compressed);
        }

        PngChunkWriter.Write(stream, "IEND"u8, []);
    }

    private static void WriteRows(Image image, ZLibStream stream)
    {
        int length = image.Width * image.Channels;
        byte[] best = new byte[length + 1], candidate = new byte[length + 1], zeros = new byte[length];
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> previous = y == 0 ? zeros : image.Row(y - 1);
            long minimum = long.MaxValue;
            for (byte filter = PngFilter.None; filter <= PngFilter.Paeth; filter++)
            {
                candidate[0] = filter;
                PngFilter.Apply(filter, image.Row(y), previous, image.Channels, candidate.AsSpan(1));
                long sum = 0;
                foreach (byte difference in candidate.AsSpan(1))
                {
                    sum += Math.Abs((int)(sbyte)difference);
                }

                if (sum < minimum)
                {
                    minimum = sum;
                    (best, candidate) = (candidate, best);
                }
            }

            stream.Write(best);
        }
    }
}
