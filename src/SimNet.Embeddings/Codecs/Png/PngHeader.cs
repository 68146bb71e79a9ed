using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>What a PNG's IHDR chunk says, checked.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="BitDepth">Bits of a sample, or of a palette index.</param>
/// <param name="ColorType">What a pixel is made of.</param>
/// <param name="Interlaced">Whether the image is stored in the seven passes of Adam7.</param>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColorType ColorType, bool Interlaced)
{
    private const int Length = 13;

    /// <summary>Adam7: in each pass the first column and row, and the distance to the next.</summary>
    private static readonly PngPass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    private static readonly PngPass[] Whole = [new(0, 0, 1, 1)];

    /// <summary>Samples of a pixel as it is stored.</summary>
    public int SamplesPerPixel => ColorType switch
    {
        PngColorType.Rgb => 3,
        PngColorType.GrayAlpha => 2,
        PngColorType.RgbAlpha => 4,
        _ => 1,
    };

    /// <summary>Channels of the image that is made of it.</summary>
    public int Channels => ColorType is PngColorType.Gray or PngColorType.GrayAlpha ? 1 : 3;

    /// <summary>Distance in bytes to the corresponding byte of the pixel before; 1 if pixels are smaller than a byte.</summary>
    public int FilterDistance => Math.Max(1, SamplesPerPixel * BitDepth / 8);

    /// <summary>The passes in which the pixels are stored; some may be empty.</summary>
    public ReadOnlySpan<PngPass> Passes => Interlaced ? Adam7 : Whole;

    /// <summary>Bytes of all scanlines of all passes, each with its filter byte.</summary>
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

    /// <summary>Bytes of so many pixels of a row, without the filter byte.</summary>
    public long RowBytes(int columns) => (((long)columns * SamplesPerPixel * BitDepth) + 7) / 8;

    /// <summary>Reads and checks the chunk's data.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> data, long offset, ImageDecoderOptions options)
    {
        if (data.Length != Length)
        {
            throw new ImageFormatException($"IHDR has {data.Length} bytes; expected {Length}.", offset);
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data), height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new ImageFormatException($"The image is {width} wide and {height} high; expected 1 to {int.MaxValue}.", offset);
        }

        ulong pixels = (ulong)width * height;
        if (pixels > (ulong)options.MaxPixels)
        {
            throw new ImageFormatException(
                $"The image is {width}x{height}, {pixels} pixels; at most {options.MaxPixels} are allowed.", offset);
        }

        if (pixels > (ulong)Array.MaxLength / 3)
        {
            throw new ImageFormatException(
                $"The image is {width}x{height}, {pixels} pixels; at most {Array.MaxLength / 3} can be held.", offset);
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
                $"Color type {data[9]} with {depth} bits; expected 0 with 1, 2, 4, 8, 16, 3 with 1, 2, 4, 8, or 2, 4, 6 with 8, 16.", offset);
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
            : throw new ImageFormatException($"A row has {row} bytes; at most {Array.MaxLength} can be held.", offset);
    }
}
