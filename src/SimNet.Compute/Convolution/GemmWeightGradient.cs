using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>
/// The weight gradient of a convolution or transposed convolution for one channels-last sample, by implicit GEMM: the product of the
/// transposed im2col matrix of the windowed operand and the plain operand, summed over the pixels of the plain operand. In a convolution
/// the windowed operand is the input and the plain operand is the output gradient; in a transposed convolution it is the reverse.
/// </summary>
internal sealed unsafe class GemmWeightGradient
{
    private const int StripPixels = 128;

    private readonly GemmKernel _gemm;
    private readonly Shape _windowed;
    private readonly Shape _plain;
    private readonly ConvolutionWindow _window;
    private readonly int _windowedStride;
    private readonly int _plainStride;
    private readonly int _plainPixelStride;
    private readonly bool _flipped;
    private readonly PaddedRows[] _strips;
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _stripRows;
    private readonly PinnedBuffer<int> _sourceOffsets;
    private readonly PinnedBuffer<int> _targetOffsets;

    /// <summary>Prepares the gradient.</summary>
    /// <param name="gemm">The GEMM micro-kernel.</param>
    /// <param name="windowed">Shape of the operand that the windows slide over.</param>
    /// <param name="plain">Shape of the other operand, which has one pixel for each window.</param>
    /// <param name="window">The settings of the convolution.</param>
    /// <param name="windowedStride">Distance in the weights between the kernels of adjacent channels of the windowed operand.</param>
    /// <param name="plainStride">Distance in the weights between the kernels of adjacent channels of the plain operand.</param>
    /// <param name="flipped">Whether the taps of the window are those of the weights in reverse order.</param>
    /// <param name="windowedPixelStride">Distance between consecutive pixels of the windowed operand, in values.</param>
    /// <param name="plainPixelStride">Distance between consecutive pixels of the plain operand, in values.</param>
    public GemmWeightGradient(
        GemmKernel gemm,
        Shape windowed,
        Shape plain,
        ConvolutionWindow window,
        int windowedStride,
        int plainStride,
        bool flipped,
        int windowedPixelStride,
        int plainPixelStride)
    {
        windowed = windowed with { Channels = windowed.Channels / window.Groups };
        plain = plain with { Channels = plain.Channels / window.Groups };
        _gemm = gemm;
        _windowed = windowed;
        _plain = plain;
        _window = window;
        _windowedStride = windowedStride;
        _plainStride = plainStride;
        _plainPixelStride = plainPixelStride;
        _flipped = flipped;
        _rows = checked(window.KernelSize.Area * windowed.Channels);
        _columns = (plain.Channels + 15) / 16 * 16;

        (Size2d span, Size2d stride, Padding2d padding) = (window.Span, window.Stride, window.Padding);
        int right = Math.Max(0, checked((plain.Width - 1) * stride.Width - padding.Left + span.Width - windowed.Width));
        _stripRows = Math.Clamp(StripPixels / plain.Width, 1, plain.Height);
        var strips = new List<PaddedRows>();
        for (int first = 0; first < plain.Height; first += _stripRows)
        {
            int count = Math.Min(_stripRows, plain.Height - first);
            strips.Add(new PaddedRows(
                windowed,
                first * stride.Height - padding.Top,
                (count - 1) * stride.Height + span.Height,
                padding.Left,
                right,
                windowedPixelStride,
                GapsAllowed: window.KernelSize == 1));
        }

        _strips = [.. strips];
        WorkspaceLength = _strips.Max(strip => strip.InPlace ? 0 : strip.Length);

        _sourceOffsets = new PinnedBuffer<int>(_rows);
        _targetOffsets = new PinnedBuffer<int>(_rows);
        for (int row = 0; row < _rows; row++)
        {
            (int tap, int channel) = Math.DivRem(row, windowed.Channels);
            (int y, int x) = Math.DivRem(tap, window.KernelSize.Width);
            _sourceOffsets.Span[row] = checked(
                y * window.Dilation.Height * _strips[0].Stride + x * window.Dilation.Width * _strips[0].PixelStride + channel);
            _targetOffsets.Span[row] = row * _columns;
        }
    }

    /// <summary>Number of workspace values that <see cref="Add"/> needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of values of an accumulator.</summary>
    public int SumLength => checked(_window.Groups * GroupLength);

    /// <summary>
    /// Distance between consecutive rows of an accumulator, in values; a row belongs to one tap and one channel of the windowed operand.
    /// </summary>
    public int SumColumns => _columns;

    private int GroupLength => checked(_rows * _columns);

    /// <summary>Adds the gradient of one sample to an accumulator.</summary>
    public void Add(float* windowed, float* plain, float* sum, float* workspace)
    {
        for (int group = 0; group < _window.Groups; group++)
        {
            AddGroup(windowed + group * _windowed.Channels, plain + group * _plain.Channels, sum + (nint)group * GroupLength, workspace);
        }
    }

    /// <summary>
    /// Sums <paramref name="count"/> accumulators, in order, into the first and writes it as a gradient in PyTorch's order.
    /// </summary>
    public void Reduce(float* sums, int count, float* gradient)
    {
        var total = new Span<float>(sums, SumLength);
        for (int i = 1; i < count; i++)
        {
            TensorPrimitives.Add(total, new ReadOnlySpan<float>(sums + (nint)i * SumLength, SumLength), total);
        }

        int taps = _window.KernelSize.Area;
        for (int group = 0; group < _window.Groups; group++)
        {
            for (int row = 0; row < _rows; row++)
            {
                (int tap, int channel) = Math.DivRem(row, _windowed.Channels);
                float* from = sums + (nint)group * GroupLength + (nint)row * _columns;
                float* to = gradient + (nint)group * taps * _windowed.Channels * _plain.Channels + (nint)channel * _windowedStride
                    + (_flipped ? taps - 1 - tap : tap);
                for (int column = 0; column < _plain.Channels; column++)
                {
                    to[(nint)column * _plainStride] = from[column];
                }
            }
        }
    }

    private void AddGroup(float* windowed, float* plain, float* sum, float* workspace)
    {
        for (int strip = 0; strip < _strips.Length; strip++)
        {
            PaddedRows source = _strips[strip];
            float* rows = source.Get(windowed, workspace);
            int first = strip * _stripRows;
            for (int column = 0; column < _columns; column += GemmKernel.PanelColumns)
            {
                var product = new GemmPanel
                {
                    A = rows,
                    ARows = _sourceOffsets.Pointer,
                    AStep = (nint)_window.Stride.Width * source.PixelStride,
                    ASegmentStride = (nint)_window.Stride.Height * source.Stride,
                    B = plain + (nint)first * _plain.Width * _plainPixelStride + column,
                    BStep = _plainPixelStride,
                    BSegmentStride = (nint)_plain.Width * _plainPixelStride,
                    Segments = Math.Min(_stripRows, _plain.Height - first),
                    SegmentLength = _plain.Width,
                    C = sum + column,
                    CRows = _targetOffsets.Pointer,
                    Rows = _rows,
                    Columns = Math.Min(_columns - column, GemmKernel.PanelColumns),
                    Epilogue = new Epilogue { Accumulate = true },
                };
                _gemm.Multiply(product);
            }
        }
    }
}
