using System.IO.Compression;

namespace SimNet.Embeddings;

/// <summary>
/// Decodes PNG (W3C PNG, third edition) of every color type, bit depth and interlace method. Transparency is blended onto white, and the
/// orientation in eXIf is applied. Gamma, color profiles, other ancillary chunks and data after IEND are ignored. Any other deviation from
/// the specification is an error.
/// </summary>
internal static class PngDecoder
{
    private const uint Header = 0x49484452, Palette = 0x504C5445, Transparency = 0x74524E53, Data = 0x49444154,
        Exif = 0x65584966, End = 0x49454E44;
    private const int SignatureLength = 8;

    /// <summary>
    /// The largest compression ratio of Deflate: a match of 258 bytes takes at least two bits, one for its length and one for its distance.
    /// </summary>
    private const long LargestRatio = 258 * 8 / 2;

    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        var chunk = new PngChunkReader(data, SignatureLength);
        chunk.Read();
        if (chunk.Type != Header)
        {
            throw new ImageFormatException($"The first chunk is {chunk.TypeName}; expected IHDR.", chunk.ChunkOffset);
        }

        PngHeader header = PngHeader.Read(chunk.Data, chunk.ChunkOffset, options);
        ReadOnlySpan<byte> palette = default, transparency = default;
        bool hasPalette = false, hasTransparency = false;
        int dataOffset = 0, dataEnd = 0, dataLength = 0;
        int? orientation = null;
        for (chunk.Read(); chunk.Type != End; chunk.Read())
        {
            switch (chunk.Type)
            {
                case Palette:
                    Expect(!hasPalette && !hasTransparency && dataOffset == 0,
                        "Unexpected PLTE; expected at most one, before tRNS and IDAT.", chunk.ChunkOffset);
                    CheckPalette(header, chunk.Data.Length, chunk.ChunkOffset);
                    hasPalette = true;
                    palette = chunk.Data;
                    break;
                case Transparency:
                    Expect(!hasTransparency && dataOffset == 0, "Unexpected tRNS; expected at most one, before IDAT.", chunk.ChunkOffset);
                    CheckTransparency(header, palette.Length / 3, chunk.Data.Length, chunk.ChunkOffset);
                    hasTransparency = true;
                    transparency = chunk.Data;
                    break;
                case Data:
                    Expect(dataOffset == 0 || dataEnd == chunk.ChunkOffset,
                        "Another chunk is between two IDAT chunks; expected consecutive IDAT chunks.", chunk.ChunkOffset);
                    dataOffset = dataOffset == 0 ? chunk.ChunkOffset : dataOffset;
                    dataEnd = chunk.NextOffset;
                    dataLength += chunk.Data.Length;
                    break;
                case Exif:
                    // The content of the chunk is that of an APP1 segment in JPEG without this prefix.
                    orientation ??= ExifOrientation.Read([.. "Exif\0\0"u8, .. chunk.Data]);
                    break;
                case Header:
                    throw new ImageFormatException("Unexpected IHDR; expected one.", chunk.ChunkOffset);
                case uint when !chunk.IsAncillary:
                    throw new ImageFormatException($"The chunk {chunk.TypeName} is critical and not supported.", chunk.ChunkOffset);
            }
        }

        Expect(chunk.Data.IsEmpty, "IEND has data; expected none.", chunk.ChunkOffset);
        Expect(dataOffset != 0, "No IDAT chunk before IEND; expected at least one.", chunk.ChunkOffset);
        Expect(hasPalette || header.ColorType != PngColorType.Palette, "No PLTE chunk; expected one for color type 3.", dataOffset);
        if (dataLength * LargestRatio < header.ScanlineBytes)
        {
            throw new ImageFormatException(
                $"{dataLength} bytes of compressed data cannot contain the {header.ScanlineBytes} bytes of "
                + $"an image of {header.Width}x{header.Height}.",
                dataOffset);
        }

        byte[] compressed = JoinData(data, dataOffset, dataLength);
        Image image = ReadPixels(header, new PngPixelConverter(header, palette, transparency), compressed, dataOffset);
        return orientation is null or ExifOrientation.TopLeft ? image : ApplyOrientation(image, orientation.Value);
    }

    private static void CheckPalette(PngHeader header, int length, int offset)
    {
        Expect(header.ColorType is not (PngColorType.Gray or PngColorType.GrayAlpha),
            "Unexpected PLTE; expected none in a gray image.", offset);
        int maximum = header.ColorType == PngColorType.Palette ? 1 << header.BitDepth : 256;
        if (length % 3 != 0 || length < 3 || length > 3 * maximum)
        {
            throw new ImageFormatException($"PLTE has {length} bytes; expected 3 for each of 1 to {maximum} colors.", offset);
        }
    }

    private static void CheckTransparency(PngHeader header, int paletteSize, int length, int offset)
    {
        (int minimum, int maximum) = header.ColorType switch
        {
            PngColorType.Palette => (1, paletteSize),
            PngColorType.Gray or PngColorType.Rgb => (2 * header.SamplesPerPixel, 2 * header.SamplesPerPixel),
            _ => throw new ImageFormatException("Unexpected tRNS; expected none in an image with an alpha channel.", offset),
        };
        if (length < minimum || length > maximum)
        {
            string expected = maximum == 0 ? "a PLTE chunk before it" : $"{minimum} to {maximum}";
            throw new ImageFormatException($"tRNS has {length} bytes; expected {expected}.", offset);
        }
    }

    private static byte[] JoinData(ReadOnlySpan<byte> file, int offset, int length)
    {
        byte[] joined = new byte[length];
        var chunk = new PngChunkReader(file, offset);
        for (int at = 0; at < length; at += chunk.Data.Length)
        {
            chunk.Read();
            chunk.Data.CopyTo(joined.AsSpan(at));
        }

        return joined;
    }

    private static Image ReadPixels(PngHeader header, PngPixelConverter converter, byte[] compressed, int offset)
    {
        using var source = new PngDataStream(compressed);
        using var scanlines = new ZLibStream(source, CompressionMode.Decompress, leaveOpen: true);
        int channels = header.Channels;
        int longest = (int)header.RowBytes(header.Width) + 1;
        byte[] row = new byte[longest], previous = new byte[longest];
        byte[] pixels = new byte[header.Width * header.Height * channels];
        byte[] sparse = header.Interlaced ? new byte[header.Width * channels] : [];
        foreach (PngPass pass in header.Passes)
        {
            int columns = pass.Columns(header.Width), rows = columns == 0 ? 0 : pass.Rows(header.Height);
            int length = (int)header.RowBytes(columns) + 1;
            Array.Clear(previous);
            for (int i = 0; i < rows; i++)
            {
                int y = pass.Y + (i * pass.StepY);
                int got = ReadScanline(scanlines, row.AsSpan(0, length), offset);
                if (got != length)
                {
                    throw new ImageFormatException($"The image data ends {length - got} bytes before the end of row {y}.", offset);
                }

                if (row[0] > PngFilter.Paeth)
                {
                    throw new ImageFormatException($"Row {y} has filter {row[0]}; expected 0 to {PngFilter.Paeth}.", offset);
                }

                PngFilter.Reverse(row[0], row.AsSpan(1, length - 1), previous.AsSpan(1), header.FilterDistance);
                Span<byte> line = pixels.AsSpan(y * header.Width * channels, header.Width * channels);
                Span<byte> dense = header.Interlaced ? sparse.AsSpan(0, columns * channels) : line;
                int missing = converter.Convert(row.AsSpan(1, length - 1), dense);
                if (missing >= 0)
                {
                    throw new ImageFormatException($"Row {y} has palette index {missing}, which is not in PLTE.", offset);
                }

                if (header.Interlaced)
                {
                    Scatter(dense, line, pass, channels);
                }

                (row, previous) = (previous, row);
            }
        }

        // Reading past the last row makes the decompressor check the Adler-32 checksum.
        int extra = ReadScanline(scanlines, row.AsSpan(0, 1), offset);
        Expect(extra == 0, "There is more image data after the last row; expected none.", offset);
        Expect(!source.IsExhausted, "The compressed data is truncated after the last row.", offset);
        return new Image(header.Width, header.Height, channels, pixels);
    }

    private static Image ApplyOrientation(Image image, int orientation)
    {
        byte[] pixels = new byte[image.Pixels.Length];
        ExifOrientation.Apply(image.Pixels, image.Width, image.Height, image.Channels, orientation, pixels);
        return ExifOrientation.SwapsSides(orientation)
            ? new Image(image.Height, image.Width, image.Channels, pixels)
            : new Image(image.Width, image.Height, image.Channels, pixels);
    }

    private static int ReadScanline(ZLibStream scanlines, Span<byte> buffer, int offset)
    {
        try
        {
            return scanlines.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new ImageFormatException($"The compressed data is damaged: {exception.Message}", offset, file: null, exception);
        }
    }

    private static void Scatter(ReadOnlySpan<byte> dense, Span<byte> line, PngPass pass, int channels)
    {
        for (int from = 0, to = pass.X * channels; from < dense.Length; from += channels, to += pass.StepX * channels)
        {
            dense.Slice(from, channels).CopyTo(line[to..]);
        }
    }

    private static void Expect(bool condition, string problem, long offset)
    {
        if (!condition)
        {
            throw new ImageFormatException(problem, offset);
        }
    }
}
