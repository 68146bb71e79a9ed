namespace SimNet.Compute;

/// <summary>
/// A convolution with stride 1 to very few channels, as a GEMM followed by col2im. The few filters alone would leave most columns of an
/// im2col GEMM empty. Here the kernel taps are columns as well: a pointwise GEMM multiplies every source pixel by every tap of every
/// filter, and col2im then sums, for each target pixel, the values of its taps.
/// </summary>
internal sealed unsafe class Col2ImConvolution
{
    private readonly GemmKernel _gemm;
    private readonly Shape _source;
    private readonly Shape _target;
    private readonly int _kernel;
    private readonly int _padding;
    private readonly int _targetStride;
    private readonly int _columns;
    private readonly int _rowStride;
    private readonly PinnedBuffer<int> _sourceOffsets;
    private readonly PinnedBuffer<int> _productOffsets;
    private readonly PinnedBuffer<int> _tapOffsets;
    private readonly PinnedBuffer<float> _packed;

    /// <summary>Prepares the convolution; consecutive pixels of the target are <paramref name="targetStride"/> values apart.</summary>
    public Col2ImConvolution(GemmKernel gemm, Shape source, Shape target, int kernel, int padding, int targetStride)
    {
        _gemm = gemm;
        _source = source;
        _target = target;
        _kernel = kernel;
        _padding = padding;
        _targetStride = targetStride;

        // Whole vectors, so that rows of the product are stored without a tail; a border of zeros, so that col2im needs no bounds checks.
        _columns = (kernel * kernel * target.Channels + 15) / 16 * 16;
        _rowStride = checked((source.Width + 2 * padding) * _columns);
        WorkspaceLength = checked((source.Height + 2 * padding) * _rowStride);
        int pixels = source.Height * source.Width;
        _sourceOffsets = new PinnedBuffer<int>(pixels);
        _productOffsets = new PinnedBuffer<int>(pixels);
        for (int row = 0; row < pixels; row++)
        {
            (int y, int x) = Math.DivRem(row, source.Width);
            _sourceOffsets.Span[row] = (y * source.Width + x) * source.Channels;
            _productOffsets.Span[row] = (y + padding) * _rowStride + (x + padding) * _columns;
        }

        _tapOffsets = new PinnedBuffer<int>(kernel * kernel);
        for (int tap = 0; tap < kernel * kernel; tap++)
        {
            (int y, int x) = Math.DivRem(tap, kernel);
            _tapOffsets.Span[tap] = y * _rowStride + x * _columns + tap * target.Channels;
        }

        int panels = (_columns + GemmKernel.PanelColumns - 1) / GemmKernel.PanelColumns;
        _packed = new PinnedBuffer<float>((long)panels * source.Channels * GemmKernel.PanelColumns);
    }

    /// <summary>Number of workspace values that <see cref="Run"/> needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Whether this algorithm is the faster one for a convolution.</summary>
    public static bool IsSuitable(ConvolutionWindow window, Shape source, Shape target)
        => window.IsSquareStrideOne && target.Channels <= 4 && source.Channels >= 8
            && window.KernelSize.Height is > 1 and <= 7 && window.Padding.Top < window.KernelSize.Height;

    /// <summary>Packs the weights, filters x channels x height x width, into panels.</summary>
    public void Pack(float* weights)
    {
        int taps = _kernel * _kernel;
        for (int column = 0; column < taps * _target.Channels; column++)
        {
            (int tap, int filter) = Math.DivRem(column, _target.Channels);
            (int panel, int at) = Math.DivRem(column, GemmKernel.PanelColumns);
            for (int channel = 0; channel < _source.Channels; channel++)
            {
                _packed.Pointer[((nint)panel * _source.Channels + channel) * GemmKernel.PanelColumns + at]
                    = weights[((nint)filter * _source.Channels + channel) * taps + tap];
            }
        }
    }

    /// <summary>Computes one sample.</summary>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">The target, channels last; every value is written.</param>
    /// <param name="bias">One value for each target channel.</param>
    /// <param name="epilogue">The operations to apply to each value before it is written.</param>
    /// <param name="workspace"><see cref="WorkspaceLength"/> values.</param>
    public void Run(float* source, float* target, float* bias, in Epilogue epilogue, float* workspace)
    {
        ClearBorder(workspace);
        for (int column = 0; column < _columns; column += GemmKernel.PanelColumns)
        {
            var product = new GemmPanel
            {
                A = source,
                ARows = _sourceOffsets.Pointer,
                AStep = 1,
                B = _packed.Pointer + (nint)column * _source.Channels,
                BStep = GemmKernel.PanelColumns,
                Segments = 1,
                SegmentLength = _source.Channels,
                C = workspace + column,
                CRows = _productOffsets.Pointer,
                Rows = _sourceOffsets.Length,
                Columns = Math.Min(_columns - column, GemmKernel.PanelColumns),
            };
            _gemm.Multiply(product);
        }

        for (int filter = 0; filter < _target.Channels; filter++)
        {
            Col2Im(workspace + filter, target + filter, bias[filter], epilogue);
        }
    }

    private void Col2Im(float* products, float* target, float bias, in Epilogue epilogue)
    {
        int* taps = _tapOffsets.Pointer;
        int count = _kernel * _kernel;
        for (int y = 0; y < _target.Height; y++)
        {
            float* from = products + (nint)y * _rowStride;
            for (int x = 0; x < _target.Width; x++)
            {
                float sum = bias;
                for (int tap = 0; tap < count; tap++)
                {
                    sum += from[taps[tap]];
                }

                *target = epilogue.Apply<SimdScalar, float>(target, sum);
                target += _targetStride;
                from += _columns;
            }
        }
    }

    private void ClearBorder(float* workspace)
    {
        int border = _padding * _columns;
        int all = _padding * _rowStride;
        new Span<float>(workspace, all).Clear();
        new Span<float>(workspace + WorkspaceLength - all, all).Clear();
        for (int y = _padding; y < _padding + _source.Height && border > 0; y++)
        {
            float* row = workspace + (nint)y * _rowStride;
            new Span<float>(row, border).Clear();
            new Span<float>(row + _rowStride - border, border).Clear();
        }
    }
}
