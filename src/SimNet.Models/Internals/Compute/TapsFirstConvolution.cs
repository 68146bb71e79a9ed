namespace SimNet.Models;

/// <summary>
/// A convolution of stride 1 to very few channels. Its filters would leave most columns of the product empty, so the taps become
/// columns as well: first every source pixel times every tap (one product without windows), then each target pixel adds up its
/// taps' values.
/// </summary>
internal sealed unsafe class TapsFirstConvolution
{
    private readonly GemmKernel _gemm;
    private readonly Shape _source;
    private readonly Shape _target;
    private readonly int _kernel;
    private readonly int _padding;
    private readonly int _columns;
    private readonly PinnedBuffer<int> _sourceOffsets;
    private readonly PinnedBuffer<int> _targetOffsets;
    private readonly PinnedBuffer<float> _packed;

    public TapsFirstConvolution(GemmKernel gemm, Shape source, Shape target, int kernel, int padding)
    {
        _gemm = gemm;
        _source = source;
        _target = target;
        _kernel = kernel;
        _padding = padding;
        _columns = kernel * kernel * target.Channels;
        int pixels = source.Height * source.Width;
        int rows = (pixels + GemmKernel.TileRows - 1) / GemmKernel.TileRows * GemmKernel.TileRows;
        _sourceOffsets = new PinnedBuffer<int>(rows);
        _targetOffsets = new PinnedBuffer<int>(rows);
        for (int row = 0; row < rows; row++)
        {
            int pixel = Math.Min(row, pixels - 1);
            _sourceOffsets.Span[row] = pixel * source.Channels;
            _targetOffsets.Span[row] = checked(pixel * _columns);
        }

        int panels = (_columns + GemmKernel.PanelColumns - 1) / GemmKernel.PanelColumns;
        _packed = new PinnedBuffer<float>((long)panels * source.Channels * GemmKernel.PanelColumns);
        ScratchLength = checked(pixels * _columns);
    }

    /// <summary>Values of scratch that <see cref="Run"/> needs.</summary>
    public int ScratchLength { get; }

    /// <summary>Whether this form is the better one for a convolution.</summary>
    public static bool Suits(Conv2d layer, Shape source) => layer.Stride == 1 && layer.OutChannels <= 4 && source.Channels >= 8
        && layer.KernelSize is > 1 and <= 7;

    /// <summary>Brings the weights, filters x channels x height x width, into the order that <see cref="Run"/> reads.</summary>
    public void Pack(float* weights)
    {
        int taps = _kernel * _kernel;
        for (int column = 0; column < _columns; column++)
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
    public void Run(float* source, float* target, float* bias, float* scratch)
    {
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
                C = scratch + column,
                CRows = _targetOffsets.Pointer,
                Tiles = _sourceOffsets.Length / GemmKernel.TileRows,
                Columns = Math.Min(_columns - column, GemmKernel.PanelColumns),
            };
            _gemm.Multiply(product);
        }

        int filters = _target.Channels;
        for (int y = 0; y < _target.Height; y++)
        {
            float* to = target + (nint)y * _target.Width * filters;
            for (int x = 0; x < _target.Width * filters; x++)
            {
                to[x] = bias[x % filters];
            }

            for (int ky = 0; ky < _kernel; ky++)
            {
                int row = y + ky - _padding;
                for (int kx = 0; kx < _kernel && (uint)row < (uint)_source.Height; kx++)
                {
                    int shift = kx - _padding;
                    int first = Math.Max(0, -shift);
                    int end = Math.Min(_target.Width, _source.Width - shift);
                    float* from = scratch + ((nint)row * _source.Width + first + shift) * _columns + (nint)(ky * _kernel + kx) * filters;
                    for (int x = first; x < end; x++)
                    {
                        for (int filter = 0; filter < filters; filter++)
                        {
                            to[x * filters + filter] += from[filter];
                        }

                        from += _columns;
                    }
                }
            }
        }
    }
}
