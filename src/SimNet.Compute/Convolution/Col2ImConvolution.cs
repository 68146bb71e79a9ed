namespace SimNet.Compute;

/// <summary>
/// A convolution of stride 1 to very few channels. Its filters would leave most columns of the product empty, so the taps become
/// columns as well: first every source pixel times every tap (one product without windows), then each target pixel adds up its
/// taps' values.
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

    /// <summary>Plans it; pixels of the target are <paramref name="targetStride"/> values apart.</summary>
    public Col2ImConvolution(GemmKernel gemm, Shape source, Shape target, int kernel, int padding, int targetStride)
    {
        _gemm = gemm;
        _source = source;
        _target = target;
        _kernel = kernel;
        _padding = padding;
        _targetStride = targetStride;

        // Whole vectors, so that rows of the product are stored at once; a border of zeros, so that no tap asks where the picture ends.
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

    /// <summary>Values of workspace that <see cref="Run"/> needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Whether this form is the better one for a convolution.</summary>
    public static bool IsSuitable(ConvolutionWindow window, Shape source, Shape target) => window.IsSquareStrideOne && target.Channels <= 4 && source.Channels >= 8
        && window.KernelSize.Height is > 1 and <= 7 && window.Padding.Top < window.KernelSize.Height;

    /// <summary>Brings the weights, filters x channels x height x width, into the order that <see cref="Run"/> reads.</summary>
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

    /// <summary>One sample.</summary>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">Every value is written, channels last.</param>
    /// <param name="bias">One value for each target channel.</param>
    /// <param name="epilogue">What is done with a value before it is written.</param>
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
            AddTaps(workspace + filter, target + filter, bias[filter], epilogue);
        }
    }

    private void AddTaps(float* products, float* target, float bias, in Epilogue epilogue)
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
