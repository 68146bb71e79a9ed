using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>A color component: its parameters in the frame header, and its samples, which the scans fill.</summary>
internal sealed class JpegComponent
{
    private byte[]? _samples;
    private short[]? _coefficients;
    private ushort[]? _quantization;

    public required int Id { get; init; }

    /// <summary>H, the horizontal sampling factor, 1 to 4.</summary>
    public required int HorizontalSampling { get; init; }

    /// <summary>V, the vertical sampling factor, 1 to 4.</summary>
    public required int VerticalSampling { get; init; }

    public required int QuantizationIndex { get; init; }

    /// <summary>The number of sample columns that belong to the image (A.1.1).</summary>
    public int Width { get; private set; }

    /// <summary>The number of sample rows that belong to the image (A.1.1).</summary>
    public int Height { get; private set; }

    /// <summary>The number of blocks in a row of a non-interleaved scan (A.2.2).</summary>
    public int BlocksWide { get; private set; }

    /// <summary>The number of rows of blocks in a non-interleaved scan (A.2.2).</summary>
    public int BlocksHigh { get; private set; }

    /// <summary>The number of blocks in a row, padded to whole MCUs (A.2.4).</summary>
    public int StoredBlocksWide { get; private set; }

    /// <summary>The number of rows of blocks, padded to whole MCUs (A.2.4).</summary>
    public int StoredBlocksHigh { get; private set; }

    /// <summary>The number of columns of <see cref="Samples"/>.</summary>
    public int Stride => StoredBlocksWide * 8;

    /// <summary>The decoded samples, <see cref="Stride"/> per row; null until they are needed.</summary>
    public byte[] Samples => _samples!;

    /// <summary>In progressive frames, the 64 quantized coefficients of every stored block, in zigzag order.</summary>
    public short[] Coefficients => _coefficients!;

    /// <summary>The quantization table at the component's first scan, in zigzag order; empty before.</summary>
    public ReadOnlySpan<ushort> Quantization => _quantization;

    /// <summary>Whether a scan of this component has started.</summary>
    public bool HasStarted => _quantization is not null;

    /// <summary>In progressive frames, by coefficient in zigzag order: the lowest bit decoded so far; -1 for none.</summary>
    public sbyte[] LowestBits { get; private set; } = [];

    /// <summary>The DC table of the current scan.</summary>
    public HuffmanTable? DcTable { get; set; }

    /// <summary>The AC table of the current scan.</summary>
    public HuffmanTable? AcTable { get; set; }

    /// <summary>The previous DC coefficient, from which the next one is predicted (F.2.1.3.1).</summary>
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

    /// <summary>Prepares the component's first scan: copies the quantization table and rents memory.</summary>
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

    /// <summary>In progressive frames, rents memory for the samples, once all coefficients are decoded.</summary>
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
