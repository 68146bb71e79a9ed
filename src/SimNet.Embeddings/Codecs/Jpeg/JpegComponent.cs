using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>A color component: its parameters in the frame header, and its samples, which the scans fill.</summary>
internal sealed class JpegComponent
{
    /// <summary>Longer arrays are left to the garbage collector: a pool would keep them for images that may never come.</summary>
    private const int MaxPooledBytes = 1 << 20;

    /// <summary>
    /// The most coefficients that are kept in the pool: those of luma of a photo of 12 megapixels. Memory that is new to the process costs
    /// more than the decoding.
    /// </summary>
    private const int MaxPooledCoefficients = 1 << 24;

    private byte[]? _samples;
    private short[]? _coefficients;
    private ushort[]? _quantization;
    private bool _isPooled;

    public required int Id { get; init; }

    /// <summary>H, the horizontal sampling factor, 1 to 4.</summary>
    public required int HorizontalSampling { get; init; }

    /// <summary>V, the vertical sampling factor, 1 to 4.</summary>
    public required int VerticalSampling { get; init; }

    public required int QuantizationIndex { get; init; }

    /// <summary>
    /// The width and height of a block's samples: 8, or 4, 2 or 1 in scaled decoding; 0 if the component is not needed.
    /// </summary>
    public int BlockSize { get; private set; } = 8;

    /// <summary>The number of sample columns that belong to the image (A.1.1), scaled.</summary>
    public int Width { get; private set; }

    /// <summary>The number of sample rows that belong to the image (A.1.1), scaled.</summary>
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
    public int Stride => StoredBlocksWide * BlockSize;

    /// <summary>
    /// The number of rows of <see cref="Samples"/>: all, or as many as are needed at a time. Row y is at y modulo this number.
    /// </summary>
    public int StoredRows { get; private set; }

    /// <summary>The decoded samples, <see cref="Stride"/> per row.</summary>
    public byte[] Samples => _samples!;

    /// <summary>
    /// In progressive frames, the quantized coefficients of every stored block, <see cref="CoefficientsPerBlock"/> in zigzag order.
    /// </summary>
    public short[] Coefficients => _coefficients!;

    /// <summary>64; or, where scans without use are skipped, 1 if a block is scaled to one sample, and 0 if it is not needed.</summary>
    public int CoefficientsPerBlock { get; private set; } = 64;

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

    /// <summary>Computes the sizes of the component in a frame.</summary>
    public void SetSize(int frameWidth, int frameHeight, int maxHorizontal, int maxVertical)
    {
        Width = CeilingDivide((long)frameWidth * HorizontalSampling, maxHorizontal);
        Height = CeilingDivide((long)frameHeight * VerticalSampling, maxVertical);
        BlocksWide = CeilingDivide(Width, 8);
        BlocksHigh = CeilingDivide(Height, 8);
        StoredBlocksWide = CeilingDivide(frameWidth, 8 * maxHorizontal) * HorizontalSampling;
        StoredBlocksHigh = CeilingDivide(frameHeight, 8 * maxVertical) * VerticalSampling;
    }

    /// <summary>Sets the size of the samples that are wanted: <see cref="BlockSize"/>.</summary>
    public void SetBlockSize(int size, JpegFrame frame, bool skipsScans)
    {
        BlockSize = size;
        CoefficientsPerBlock = size > 1 || !skipsScans ? 64 : size;
        Width = CeilingDivide((long)frame.Width * HorizontalSampling * size, 8 * frame.MaxHorizontalSampling);
        Height = CeilingDivide((long)frame.Height * VerticalSampling * size, 8 * frame.MaxVerticalSampling);
    }

    /// <summary>The memory for coefficients in bytes.</summary>
    public long CoefficientBytes => 2L * StoredBlocksWide * StoredBlocksHigh * CoefficientsPerBlock;

    /// <summary>The memory for samples in bytes.</summary>
    public long SampleBytes(bool isStreamed) => (long)Stride * RowsToStore(isStreamed);

    /// <summary>Prepares the component's first scan: copies the quantization table and allocates memory.</summary>
    /// <param name="quantization">The table.</param>
    /// <param name="isProgressive">Whether coefficients are stored until all scans are decoded.</param>
    /// <param name="isStreamed">Whether the samples are used as soon as an MCU row is complete.</param>
    public void Start(ReadOnlySpan<ushort> quantization, bool isProgressive, bool isStreamed)
    {
        _quantization = quantization.ToArray();
        if (isProgressive)
        {
            LowestBits = new sbyte[64];
            LowestBits.AsSpan().Fill(-1);
        }

        if (isProgressive)
        {
            int count = (int)(CoefficientBytes / 2);
            _coefficients = count <= MaxPooledCoefficients ? ArrayPool<short>.Shared.Rent(count) : new short[count];
            _coefficients.AsSpan(0, count).Clear();
        }
        else if (BlockSize > 0)
        {
            RentSamples(isStreamed);
        }
    }

    /// <summary>Allocates gray samples.</summary>
    public void RentSamples(bool isStreamed)
    {
        StoredRows = RowsToStore(isStreamed);
        int length = Stride * StoredRows;
        _isPooled = length <= MaxPooledBytes;
        _samples = _isPooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        _samples.AsSpan().Fill(128);
    }

    /// <summary>In progressive frames, the coefficients of a block.</summary>
    public Span<short> Block(int row, int column) =>
        _coefficients.AsSpan((row * StoredBlocksWide + column) * CoefficientsPerBlock, CoefficientsPerBlock);

    public void ReturnAll()
    {
        if (_coefficients is not null && CoefficientBytes / 2 <= MaxPooledCoefficients)
        {
            ArrayPool<short>.Shared.Return(_coefficients);
        }

        _coefficients = null;
        if (_samples is not null && _isPooled)
        {
            ArrayPool<byte>.Shared.Return(_samples);
        }

        _samples = null;
    }

    /// <summary>An MCU row, and another one for the filters that look at the rows before and after.</summary>
    private int RowsToStore(bool isStreamed) => BlockSize * (isStreamed ? 2 * VerticalSampling : StoredBlocksHigh);

    private static int CeilingDivide(long value, int divisor) => (int)((value + divisor - 1) / divisor);
}
