using System.Buffers.Binary;

namespace SimNet.Embeddings.Tests;

/// <summary>
/// A small sequential JPEG encoder (ITU T.81), so that tests need no other program and can write unusual files. It computes the expected
/// samples with the formula of A.3.3 in double precision.
/// </summary>
internal sealed class TestJpegEncoder(int width, int height, params TestJpegComponent[] components)
{
    private static readonly int[] NaturalOrder = MakeNaturalOrder();
    private static readonly double[,] Cosines = MakeCosines();

    private readonly List<byte> _file = [];
    private readonly int[] _predictions = new int[components.Length];
    private ulong _bits;
    private int _bitCount;

    public bool IsInterleaved { get; init; } = true;

    public int RestartInterval { get; init; }

    public bool HasJfif { get; init; }

    public int? AdobeTransform { get; init; }

    /// <summary>The content of an APP1 segment.</summary>
    public byte[]? Application1 { get; init; }

    public byte FrameMarker { get; init; } = 0xC0;

    /// <summary>Whether most AC codes have 16 bits instead of 8.</summary>
    public bool HasLongCodes { get; init; }

    public int MaxHorizontal => components.Max(c => c.Horizontal);

    public int MaxVertical => components.Max(c => c.Vertical);

    public int ComponentWidth(int index) => CeilingDivide(width * components[index].Horizontal, MaxHorizontal);

    public int ComponentHeight(int index) => CeilingDivide(height * components[index].Vertical, MaxVertical);

    public byte[] Encode()
    {
        Write(0xFF, 0xD8);
        if (HasJfif)
        {
            WriteSegment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        }

        if (Application1 is not null)
        {
            WriteSegment(0xE1, Application1);
        }

        if (AdobeTransform is int transform)
        {
            WriteSegment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)transform]);
        }

        for (int i = 0; i < components.Length; i++)
        {
            byte[] table = [(byte)i, .. Enumerable.Repeat((byte)components[i].Quantizer, 64)];
            WriteSegment(0xDB, table);
        }

        WriteSegment(
            FrameMarker,
            [
                8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)components.Length,
                .. components.SelectMany((c, i) => new[] { (byte)c.Id, (byte)(c.Horizontal << 4 | c.Vertical), (byte)i }),
            ]);
        WriteSegment(0xC4, [0x00, .. HuffmanCounts(isDc: true), .. HuffmanSymbols(isDc: true)]);
        WriteSegment(0xC4, [0x10, .. HuffmanCounts(isDc: false), .. HuffmanSymbols(isDc: false)]);
        if (RestartInterval > 0)
        {
            WriteSegment(0xDD, [(byte)(RestartInterval >> 8), (byte)RestartInterval]);
        }

        if (IsInterleaved)
        {
            WriteScan(Enumerable.Range(0, components.Length).ToArray());
        }
        else
        {
            for (int i = 0; i < components.Length; i++)
            {
                WriteScan([i]);
            }
        }

        Write(0xFF, 0xD9);
        return _file.ToArray();
    }

    /// <summary>The expected samples of a component by row and column, from 0 to 255, without rounding.</summary>
    public double[,] DecodedPlane(int index)
    {
        var plane = new double[ComponentHeight(index), ComponentWidth(index)];
        for (int blockY = 0; blockY * 8 < plane.GetLength(0); blockY++)
        {
            for (int blockX = 0; blockX * 8 < plane.GetLength(1); blockX++)
            {
                int quantizer = components[index].Quantizer;
                double[] samples = InverseDct([.. Quantize(index, blockX, blockY).Select(c => (double)(c * quantizer))]);
                for (int i = 0; i < 64; i++)
                {
                    int y = blockY * 8 + i / 8;
                    int x = blockX * 8 + i % 8;
                    if (y < plane.GetLength(0) && x < plane.GetLength(1))
                    {
                        plane[y, x] = Math.Clamp(samples[i] + 128, 0, 255);
                    }
                }
            }
        }

        return plane;
    }

    /// <summary>The inverse DCT by the formula of A.3.3.</summary>
    public static double[] InverseDct(double[] coefficients)
    {
        var samples = new double[64];
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                double sum = 0;
                for (int v = 0; v < 8; v++)
                {
                    for (int u = 0; u < 8; u++)
                    {
                        sum += coefficients[8 * v + u] * Cosines[x, u] * Cosines[y, v];
                    }
                }

                samples[8 * y + x] = sum;
            }
        }

        return samples;
    }

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;

    private static double[,] MakeCosines()
    {
        var cosines = new double[8, 8];
        for (int x = 0; x < 8; x++)
        {
            for (int u = 0; u < 8; u++)
            {
                cosines[x, u] = (u == 0 ? Math.Sqrt(0.5) : 1) / 2 * Math.Cos((2 * x + 1) * u * Math.PI / 16);
            }
        }

        return cosines;
    }

    /// <summary>The zigzag order of figure 5: diagonals in alternating directions.</summary>
    private static int[] MakeNaturalOrder()
    {
        var order = new List<int>();
        for (int diagonal = 0; diagonal < 15; diagonal++)
        {
            IEnumerable<int> rows = Enumerable.Range(0, 8).Where(row => diagonal - row is >= 0 and < 8);
            order.AddRange((diagonal % 2 == 0 ? rows.Reverse() : rows).Select(row => 8 * row + diagonal - row));
        }

        return order.ToArray();
    }

    private byte[] HuffmanCounts(bool isDc)
    {
        var counts = new byte[16];
        if (isDc)
        {
            counts[3] = 12;
        }
        else if (HasLongCodes)
        {
            counts[1] = counts[3] = counts[5] = 1;
            counts[15] = 159;
        }
        else
        {
            counts[7] = 162;
        }

        return counts;
    }

    private static byte[] HuffmanSymbols(bool isDc) => isDc
        ? Enumerable.Range(0, 12).Select(size => (byte)size).ToArray()
        : [0x00, 0xF0, .. Enumerable.Range(0, 16).SelectMany(run => Enumerable.Range(1, 10).Select(size => (byte)(run << 4 | size)))];

    private int[] Quantize(int index, int blockX, int blockY)
    {
        TestJpegComponent component = components[index];
        int lastX = ComponentWidth(index) - 1;
        int lastY = ComponentHeight(index) - 1;
        var samples = new double[64];
        for (int i = 0; i < 64; i++)
        {
            samples[i] = component.Sample(Math.Min(blockX * 8 + i % 8, lastX), Math.Min(blockY * 8 + i / 8, lastY)) - 128;
        }

        var coefficients = new int[64];
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                double sum = 0;
                for (int i = 0; i < 64; i++)
                {
                    sum += samples[i] * Cosines[i % 8, u] * Cosines[i / 8, v];
                }

                coefficients[8 * v + u] = Math.Clamp((int)Math.Round(sum / component.Quantizer), -1023, 1023);
            }
        }

        return coefficients;
    }

    private void WriteScan(int[] indexes)
    {
        WriteSegment(0xDA, [(byte)indexes.Length, .. indexes.SelectMany(i => new byte[] { (byte)components[i].Id, 0 }), 0, 63, 0]);
        Array.Clear(_predictions);
        bool isAlone = indexes.Length == 1;
        int mcusWide = isAlone ? CeilingDivide(ComponentWidth(indexes[0]), 8) : CeilingDivide(width, 8 * MaxHorizontal);
        int mcusHigh = isAlone ? CeilingDivide(ComponentHeight(indexes[0]), 8) : CeilingDivide(height, 8 * MaxVertical);
        for (int mcu = 0; mcu < mcusWide * mcusHigh; mcu++)
        {
            if (RestartInterval > 0 && mcu > 0 && mcu % RestartInterval == 0)
            {
                FlushBits();
                Write(0xFF, (byte)(0xD0 + (mcu / RestartInterval - 1) % 8));
                Array.Clear(_predictions);
            }

            foreach (int index in indexes)
            {
                int horizontal = isAlone ? 1 : components[index].Horizontal;
                int vertical = isAlone ? 1 : components[index].Vertical;
                for (int block = 0; block < horizontal * vertical; block++)
                {
                    WriteBlock(index, mcu % mcusWide * horizontal + block % horizontal, mcu / mcusWide * vertical + block / horizontal);
                }
            }
        }

        FlushBits();
    }

    private void WriteBlock(int index, int blockX, int blockY)
    {
        int[] coefficients = Quantize(index, blockX, blockY);
        int difference = coefficients[0] - _predictions[index];
        _predictions[index] = coefficients[0];
        WriteValue(isDc: true, 0, difference);
        int run = 0;
        for (int k = 1; k < 64; k++)
        {
            int value = coefficients[NaturalOrder[k]];
            if (value == 0)
            {
                run++;
                continue;
            }

            for (; run > 15; run -= 16)
            {
                WriteSymbol(isDc: false, 0xF0);
            }

            WriteValue(isDc: false, run, value);
            run = 0;
        }

        if (run > 0)
        {
            WriteSymbol(isDc: false, 0x00);
        }
    }

    private void WriteValue(bool isDc, int run, int value)
    {
        int size = 0;
        while (Math.Abs(value) >> size != 0)
        {
            size++;
        }

        WriteSymbol(isDc, (byte)(run << 4 | size));
        WriteBits(value < 0 ? value + (1 << size) - 1 : value, size);
    }

    private void WriteSymbol(bool isDc, byte symbol)
    {
        int place = Array.IndexOf(HuffmanSymbols(isDc), symbol);
        int code = 0;
        int length = 1;
        foreach (byte count in HuffmanCounts(isDc))
        {
            if (place < count)
            {
                WriteBits(code + place, length);
                return;
            }

            place -= count;
            code = (code + count) << 1;
            length++;
        }

        throw new InvalidOperationException($"No code for {symbol:X2}.");
    }

    private void WriteBits(int value, int count)
    {
        _bits = _bits << count | (uint)value;
        _bitCount += count;
        while (_bitCount >= 8)
        {
            _bitCount -= 8;
            byte next = (byte)(_bits >> _bitCount);
            _file.Add(next);
            if (next == 0xFF)
            {
                _file.Add(0);
            }
        }
    }

    private void FlushBits()
    {
        if (_bitCount > 0)
        {
            WriteBits((1 << (8 - _bitCount)) - 1, 8 - _bitCount);
        }
    }

    private void WriteSegment(byte marker, byte[] content)
    {
        Write(0xFF, marker);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(content.Length + 2));
        _file.AddRange(length);
        _file.AddRange(content);
    }

    private void Write(params ReadOnlySpan<byte> bytes) => _file.AddRange(bytes);
}
