using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>The validated content of the IHDR chunk.</summary>
/// <param name="Width">The number of columns.</param>
/// <param name="Height">The number of rows.</param>
/// <param name="BitDepth">The number of bits per sample or palette index.</param>
/// <param name="ColorType">The color type.</param>
/// <param name="Interlaced">Whether the image is stored in the seven passes of Adam7.</param>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColorType ColorType, bool Interlaced)
{
    private const int Length = 13;

    /// <summary>Adam7: the first column and row of each pass, and the distances to the next.</summary>
    private static readonly PngPass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    private static readonly PngPass[] Whole = [new(0, 0, 1, 1)];

    /// <summary>The number of stored samples per pixel.</summary>
    public int SamplesPerPixel => ColorType switch
    {
        PngColorType.Rgb => 3,
        PngColorType.GrayAlpha => 2,
        PngColorType.RgbAlpha => 4,
        _ => 1,
    };

    /// <summary>The number of channels of the decoded image.</summary>
    public int Channels => ColorType is PngColorType.Gray or PngColorType.GrayAlpha ? 1 : 3;

    /// <summary>The distance in bytes to the corresponding byte of the previous pixel; 1 if a pixel is smaller than a byte.</summary>
    public int FilterDistance => Math.Max(1, SamplesPerPixel * BitDepth / 8);

    /// <summary>The passes in which the pixels are stored; a pass can be empty.</summary>
    public ReadOnlySpan<PngPass> Passes => Interlaced ? Adam7 : Whole;

    /// <summary>The number of bytes in all scanlines of all passes, each with its filter byte.</summary>
    public long ScanlineBytes
    {
        get
        {
            long sum = 0;
            foreach (PngPass pass in Passes)
            {
                int columns = pass.Columns(Width);
                sum += columns == 0 ? 0 : pass.Rows(Height) * (RowBytes(columns) + 1);
            }

            return sum;
        }
    }

    /// <summary>Returns the number of bytes in a row of <paramref name="columns"/> pixels, without the filter byte.</summary>
    public long RowBytes(int columns) => (((long)columns * SamplesPerPixel * BitDepth) + 7) / 8;

    /// <summary>Reads and validates the data of the chunk.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> data, long offset, ImageDecoderOptions options)
    {
        if (data.Length != Length)
        {
            throw new ImageFormatException($"IHDR has {data.Length} bytes; expected {Length}.", offset);
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data), height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new ImageFormatException($"The image is {width}x{height}; expected 1 to {int.MaxValue} each.", offset);
        }

        ulong pixels = (ulong)width * height;
        if (pixels > (ulong)options.MaxPixels)
        {
            throw new ImageFormatException(
                $"The image is {width}x{height}, {pixels} pixels; expected at most {options.MaxPixels}.", offset);
        }

        if (pixels > (ulong)Array.MaxLength / 3)
        {
            throw new ImageFormatException(
                $"The image is {width}x{height}, {pixels} pixels; expected at most {Array.MaxLength / 3}.", offset);
        }

        int depth = data[8];
        var type = (PngColorType)data[9];
        bool known = type switch
        {
            PngColorType.Gray => depth is 1 or 2 or 4 or 8 or 16,
            PngColorType.Palette => depth is 1 or 2 or 4 or 8,
            PngColorType.Rgb or PngColorType.GrayAlpha or PngColorType.RgbAlpha => depth is 8 or 16,
            _ => false,
        };
        if (!known)
        {
            throw new ImageFormatException(
                $"Color type {data[9]} with {depth} bits; "
                + "expected 0 with 1, 2, 4, 8 or 16, 3 with 1, 2, 4 or 8, or 2, 4 or 6 with 8 or 16.",
                offset);
        }

        if (data is not [.., 0, 0, 0 or 1])
        {
            throw new ImageFormatException(
                $"Compression {data[10]}, filter {data[11]}, interlace {data[12]}; expected 0, 0, and 0 or 1.", offset);
        }

        var header = new PngHeader((int)width, (int)height, depth, type, data[12] == 1);
        long row = header.RowBytes(header.Width) + 1;
        return row <= Array.MaxLength
            ? header
            : throw new ImageFormatException($"A row has {row} bytes; expected at most {Array.MaxLength}.", offset);
    }
}
