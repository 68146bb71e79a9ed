using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SimNet.Embeddings.Tests;

/// <summary>
/// A PNG with known samples: a straightforward encoder for every format of the specification, and the expected pixels by formula.
/// </summary>
internal sealed record TestPng(int Width, int Height, int ColorType, int BitDepth)
{
    public static readonly (int ColorType, int BitDepth)[] Kinds =
    [
        (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16),
    ];

    public bool Interlaced { get; init; }

    /// <summary>The filter of every row; 5 cycles through all of them.</summary>
    public int Filter { get; init; }

    /// <summary>The size of the IDAT chunks; 0 for a single chunk.</summary>
    public int ChunkLength { get; init; }

    public byte[]? Palette { get; init; }

    public byte[]? Transparency { get; init; }

    public int[] Samples { get; init; } = [];

    public int SamplesPerPixel => ColorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>A PNG with random samples, which include the transparent color if there is one.</summary>
    public static TestPng Random(int width, int height, int colorType, int bitDepth, bool transparent, Random random)
    {
        var png = new TestPng(width, height, colorType, bitDepth);
        int largest = (1 << bitDepth) - 1, colors = colorType == 3 ? random.Next(1, largest + 2) : largest + 1;
        int[] samples = [.. Enumerable.Range(0, width * height * png.SamplesPerPixel)
            .Select(_ => random.Next(4) == 0 ? random.Next(2) * (colors - 1) : random.Next(colors))];
        byte[]? palette = null, transparency = null;
        if (colorType == 3)
        {
            palette = new byte[3 * colors];
            random.NextBytes(palette);
            if (transparent)
            {
                transparency = new byte[random.Next(1, colors + 1)];
                random.NextBytes(transparency);
            }
        }
        else if (transparent && colorType is 0 or 2)
        {
            int pixel = random.Next(width * height) * png.SamplesPerPixel;
            transparency = [.. Enumerable.Range(pixel, png.SamplesPerPixel)
                .SelectMany(i => new[] { (byte)(samples[i] >> 8), (byte)samples[i] })];
            for (int i = 0; i < 3; i++)
            {
                Array.Copy(samples, pixel, samples, random.Next(width * height) * png.SamplesPerPixel, png.SamplesPerPixel);
            }
        }

        return png with { Samples = samples, Palette = palette, Transparency = transparency, Filter = 5 };
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Check(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    /// <summary>A file of the signature and the chunks.</summary>
    public static byte[] File(params IEnumerable<byte[]> chunks) =>
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. chunks.SelectMany(chunk => chunk)];

    public static byte[] Compress(byte[] data, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var stream = new MemoryStream();
        using (var compressor = new ZLibStream(stream, level))
        {
            compressor.Write(data);
        }

        return stream.ToArray();
    }

    /// <summary>CRC-32, one bit at a time, independent of the implementation under test.</summary>
    public static uint Check(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    public byte[] ToFile() => File(Chunks());

    public IEnumerable<byte[]> Chunks()
    {
        yield return Chunk("IHDR", Header());
        if (Palette is not null)
        {
            yield return Chunk("PLTE", Palette);
        }

        if (Transparency is not null)
        {
            yield return Chunk("tRNS", Transparency);
        }

        foreach (byte[] part in Compress(Scanlines()).Chunk(ChunkLength == 0 ? int.MaxValue : ChunkLength))
        {
            yield return Chunk("IDAT", part);
        }

        yield return Chunk("IEND", []);
    }

    public byte[] Header()
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9], header[12]) = ((byte)BitDepth, (byte)ColorType, (byte)(Interlaced ? 1 : 0));
        return header;
    }

    /// <summary>The filtered rows of all passes.</summary>
    public byte[] Scanlines()
    {
        var bytes = new List<byte>();
        string[] pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
        for (int pass = Interlaced ? 1 : 0; pass <= (Interlaced ? 7 : 0); pass++)
        {
            byte[]? previous = null;
            int rowNumber = 0;
            for (int y = 0; y < Height; y++)
            {
                int[] columns = [.. Enumerable.Range(0, Width).Where(x => pass == 0 || pattern[y % 8][x % 8] - '0' == pass)];
                if (columns.Length > 0)
                {
                    byte[] row = Pack(columns.SelectMany(x => Samples.Skip(((y * Width) + x) * SamplesPerPixel).Take(SamplesPerPixel)));
                    int filter = Filter == 5 ? (rowNumber++ + pass + Width) % 5 : Filter;
                    bytes.Add((byte)filter);
                    bytes.AddRange(Store(row, previous ?? new byte[row.Length], filter));
                    previous = row;
                }
            }
        }

        return [.. bytes];
    }

    /// <summary>The expected pixels, in double precision and rounded once.</summary>
    public Image Expected()
    {
        int channels = ColorType is 0 or 4 ? 1 : 3, spp = SamplesPerPixel;
        double largest = (1 << BitDepth) - 1;
        byte[] pixels = new byte[Width * Height * channels];
        for (int pixel = 0; pixel < Width * Height; pixel++)
        {
            int[] samples = Samples[(pixel * spp)..((pixel + 1) * spp)];
            for (int c = 0; c < channels; c++)
            {
                double value, alpha = 1;
                if (ColorType == 3)
                {
                    value = Palette![(3 * samples[0]) + c] / 255.0;
                    alpha = Transparency is not null && samples[0] < Transparency.Length ? Transparency[samples[0]] / 255.0 : 1;
                }
                else
                {
                    value = samples[c] / largest;
                    alpha = ColorType is 4 or 6 ? samples[^1] / largest : IsTransparent(samples) ? 0 : 1;
                }

                pixels[(pixel * channels) + c] = (byte)Math.Floor((255 * ((value * alpha) + 1 - alpha)) + 0.5);
            }
        }

        return new Image(Width, Height, channels, pixels);
    }

    private bool IsTransparent(int[] samples) => Transparency is { } key
        && Enumerable.Range(0, SamplesPerPixel).All(i => samples[i] == (key[2 * i] << 8) + key[(2 * i) + 1]);

    private static byte[] Store(byte[] row, byte[] above, int filter, int distance)
    {
        byte[] stored = new byte[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            int a = i < distance ? 0 : row[i - distance], b = above[i], c = i < distance ? 0 : above[i - distance], p = a + b - c;
            int paeth = new[] { a, b, c }.MinBy(candidate => Math.Abs(p - candidate));
            stored[i] = (byte)(row[i] - new[] { 0, a, b, (a + b) / 2, paeth }[filter]);
        }

        return stored;
    }

    private byte[] Store(byte[] row, byte[] above, int filter) => Store(row, above, filter, Math.Max(1, SamplesPerPixel * BitDepth / 8));

    private byte[] Pack(IEnumerable<int> samples)
    {
        string bits = string.Concat(samples.Select(sample => Convert.ToString(sample, 2).PadLeft(BitDepth, '0')));
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '1');
        return [.. bits.Chunk(8).Select(eight => Convert.ToByte(new string(eight), 2))];
    }
}
