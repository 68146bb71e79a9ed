using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>One color component: what the frame header says of it, and its samples as scans fill them in.</summary>
internal sealed class JpegComponent
{
    private byte[]? _samples;
    private short[]? _coefficients;
    private ushort[]? _quantization;

    public required int Id { get; init; }

    /// <summary>H, 1 to 4.</summary>
    public required int HorizontalSampling { get; init; }

    /// <summary>V, 1 to 4.</summary>
    public required int VerticalSampling { get; init; }

    public required int QuantizationIndex { get; init; }

    /// <summary>Columns that carry image (A.1.1).</summary>
    public int Width { get; private set; }

    /// <summary>Rows that carry image (A.1.1).</summary>
    public int Height { get; private set; }

    /// <summary>Blocks in a row of a scan of this component alone (A.2.2).</summary>
    public int BlocksWide { get; private set; }

    /// <summary>Rows of blocks in a scan of this component alone (A.2.2).</summary>
    public int BlocksHigh { get; private set; }

    /// <summary>Blocks in a row, filled up to whole MCUs (A.2.4).</summary>
    public int StoredBlocksWide { get; private set; }

    /// <summary>Rows of blocks, filled up to whole MCUs (A.2.4).</summary>
    public int StoredBlocksHigh { get; private set; }

    /// <summary>Columns of <see cref="Samples"/>.</summary>
    public int Stride => StoredBlocksWide * 8;

    /// <summary>Decoded samples, <see cref="Stride"/> to a row; null until the component's samples are needed.</summary>
    public byte[] Samples => _samples!;

    /// <summary>Progressive frames: 64 quantized coefficients in zigzag order for every stored block.</summary>
    public short[] Coefficients => _coefficients!;

    /// <summary>The quantization table, in zigzag order, as it stood when the component's first scan began; null before.</summary>
    public ReadOnlySpan<ushort> Quantization => _quantization;

    /// <summary>Whether a scan of this component has begun.</summary>
    public bool HasStarted => _quantization is not null;

    /// <summary>Progressive frames, by coefficient in zigzag order: lowest bit decoded so far; -1 for none.</summary>
    public sbyte[] LowestBits { get; private set; } = [];

    /// <summary>The tables of the scan now being decoded.</summary>
    public HuffmanTable? DcTable { get; set; }

    /// <summary>The tables of the scan now being decoded.</summary>
    public HuffmanTable? AcTable { get; set; }

    /// <summary>The DC value before, to which differences are added (F.2.1.3.1).</summary>
    public int Prediction { get; set; }

    public void SetSize(int frameWidth, int frameHeight, int maxHorizontal, int maxVertical)
    {
        Width = CeilingDivide(frameWidth * HorizontalSampling, maxHorizontal);
        Height = CeilingDivide(frameHeight * VerticalSampling, maxVertical);
        BlocksWide = CeilingDivide(Width, 8);
        BlocksHigh = CeilingDivide(Height, 8);
        StoredBlocksWide = CeilingDivide(frameWidth, 8 * maxHorizontal) * HorizontalSampling;
        StoredBlocksHigh = CeilingDivide(frameHeight, 8 * maxVertical) * VerticalSampling;
    }

    /// <summary>Takes what the component's scans need: its quantization table, and memory.</summary>
    public void Start(ReadOnlySpan<ushort> quantization, bool isProgressive)
    {
        _quantization = quantization.ToArray();
        int stored = StoredBlocksWide * StoredBlocksHigh * 64;
        if (isProgressive)
        {
            LowestBits = new sbyte[64];
            LowestBits.AsSpan().Fill(-1);
            _coefficients = ArrayPool<short>.Shared.Rent(stored);
            _coefficients.AsSpan(0, stored).Clear();
        }
        else
        {
            _samples = ArrayPool<byte>.Shared.Rent(stored);
        }
    }

    /// <summary>Progressive frames: memory for the samples, once all coefficients are there.</summary>
    public void RentSamples() => _samples = ArrayPool<byte>.Shared.Rent(StoredBlocksWide * StoredBlocksHigh * 64);

    public void ReturnCoefficients()
    {
        if (_coefficients is not null)
        {
            ArrayPool<short>.Shared.Return(_coefficients);
            _coefficients = null;
        }
    }

    public void ReturnAll()
    {
        ReturnCoefficients();
        if (_samples is not null)
        {
            ArrayPool<byte>.Shared.Return(_samples);
            _samples = null;
        }
    }

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;
}
