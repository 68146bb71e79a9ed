using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>
/// A 3x3 convolution with stride 1, and its gradients, by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for
/// Convolutional Neural Networks", 2015): a quarter of the multiplications of direct convolution. Tiles are processed in blocks that
/// stay in the cache from the input transform to the output transform. See <see cref="WinogradKernel"/> for the transforms.
/// </summary>
internal sealed unsafe class WinogradConvolution
{
    private const int ForwardBlockValues = 128 * 1024;
    private const int BackwardBlockValues = 192 * 1024;
    private const int MinUnits = 4;

    private readonly KernelSet _kernels;
    private readonly Shape _source;
    private readonly Shape _target;
    private readonly int _padding;
    private readonly int _targetStride;
    private readonly int _panels;
    private readonly int _tilesAcross;
    private readonly int _tiles;
    private readonly int _block;
    private readonly int _backwardBlock;
    private readonly int _panelGroups;
    private readonly int _sumColumns;
    private readonly int _sourceColumns;
    private readonly PinnedBuffer<int> _sourceRows;
    private readonly PinnedBuffer<int> _panelRows;
    private readonly PinnedBuffer<int> _channelRows;
    private readonly PinnedBuffer<float> _filters;
    private readonly PinnedBuffer<float>? _transposed;

    /// <summary>Prepares the convolution.</summary>
    /// <param name="kernels">The kernels of one vector width.</param>
    /// <param name="source">Shape of the input.</param>
    /// <param name="target">Shape of the output.</param>
    /// <param name="padding">Padding on all sides of the input; 0 to 2.</param>
    /// <param name="targetStride">Distance between consecutive pixels of the output, in values.</param>
    /// <param name="inputGradient">Whether the backward pass computes the gradient of the input.</param>
    /// <param name="weightGradient">Whether the backward pass computes the gradient of the weights.</param>
    /// <param name="sumColumns">Distance between consecutive rows of a weight gradient accumulator, in values.</param>
    public WinogradConvolution(
        KernelSet kernels,
        Shape source,
        Shape target,
        int padding,
        int targetStride,
        bool inputGradient,
        bool weightGradient,
        int sumColumns)
    {
        _kernels = kernels;
        _source = source;
        _target = target;
        _padding = padding;
        _targetStride = targetStride;
        _sumColumns = sumColumns;
        _panels = GemmKernel.PaddedColumns(target.Channels) / GemmKernel.PanelColumns;
        _sourceColumns = GemmKernel.PaddedColumns(source.Channels);
        _tilesAcross = Tiles(target.Width);
        _tiles = checked(_tilesAcross * Tiles(target.Height));
        _block = BlockOf(source.Channels + GemmKernel.PanelColumns, ForwardBlockValues);
        _backwardBlock = BlockOf(2 * source.Channels + GemmKernel.PanelColumns, BackwardBlockValues);
        _panelGroups = Math.Min((MinUnits + Blocks(_block) - 1) / Blocks(_block), _panels);

        int most = Math.Max(_block, _backwardBlock);
        _sourceRows = Multiples(most, source.Channels);
        _panelRows = Multiples(Math.Max(most, source.Channels), GemmKernel.PanelColumns);
        _channelRows = Multiples(source.Channels, 1);
        _filters = new PinnedBuffer<float>((long)WinogradKernel.Planes * source.Channels * _panels * GemmKernel.PanelColumns);
        _transposed = !inputGradient ? null
            : new PinnedBuffer<float>((long)WinogradKernel.Planes * _sourceColumns * _panels * GemmKernel.PanelColumns);

        int patch = WinogradKernel.Planes * source.Channels;
        int forward = checked(
            patch + WinogradKernel.Planes * (Plane(_block * source.Channels) + Plane(_block * GemmKernel.PanelColumns)));
        int backward = checked(patch + WinogradKernel.Planes * (
            2 * Plane(_backwardBlock * source.Channels) + Plane(_backwardBlock * GemmKernel.PanelColumns) + FilterPlane));
        WorkspaceLength = inputGradient || weightGradient ? Math.Max(forward, backward) : forward;
    }

    /// <summary>Number of workspace values that each call needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of independent units of work of <see cref="Forward"/>.</summary>
    public int Units => Blocks(_block) * _panelGroups;

    private int FilterPlane => Plane(_source.Channels * (Blocks(_backwardBlock) > 1 ? _panels : 1) * GemmKernel.PanelColumns);

    /// <summary>
    /// Whether this algorithm is the faster one for a convolution: most tiles are full, and the transforms cost little compared to the
    /// products.
    /// </summary>
    public static bool IsSuitable(ConvolutionWindow window, Shape source, Shape target)
        => window.IsSquareStrideOne && window.KernelSize == 3 && window.Padding.Top <= 2
            && source.Channels >= 8 && target.Channels >= 16 && Math.Min(target.Height, target.Width) >= 7;

    /// <summary>Transforms the weights, filters x channels x 3 x 3, and packs them into panels.</summary>
    public void Pack(float* weights)
    {
        int channels = _source.Channels;
        nint filterPlane = (nint)channels * GemmKernel.PanelColumns;
        nint transposedPlane = (nint)_sourceColumns * GemmKernel.PanelColumns;
        float* values = stackalloc float[WinogradKernel.Planes];
        for (int filter = 0; filter < _target.Channels; filter++)
        {
            (int panel, int column) = Math.DivRem(filter, GemmKernel.PanelColumns);
            float* to = _filters.Pointer + WinogradKernel.Planes * panel * filterPlane + column;
            float* transposed = _transposed is null ? null
                : _transposed.Pointer + WinogradKernel.Planes * panel * transposedPlane + (nint)column * _sourceColumns;
            for (int channel = 0; channel < channels; channel++)
            {
                WinogradKernel.Filter(weights, values, 1);
                weights += 9;
                for (int plane = 0; plane < WinogradKernel.Planes; plane++)
                {
                    to[plane * filterPlane] = values[plane];
                }

                to += GemmKernel.PanelColumns;
                if (transposed != null)
                {
                    for (int plane = 0; plane < WinogradKernel.Planes; plane++)
                    {
                        transposed[plane * transposedPlane] = values[plane];
                    }

                    transposed++;
                }
            }
        }
    }

    /// <summary>Computes one unit of the output of one sample.</summary>
    /// <param name="unit">Index of the unit.</param>
    /// <param name="input">The input, channels last.</param>
    /// <param name="output">The output, channels last.</param>
    /// <param name="bias">Added to each pixel; padded to whole panels.</param>
    /// <param name="epilogue">The operations to apply to each value before it is written.</param>
    /// <param name="workspace"><see cref="WorkspaceLength"/> values.</param>
    /// <param name="prepared">The block whose transformed input the workspace holds; negative for none.</param>
    public void Forward(int unit, float* input, float* output, float* bias, in Epilogue epilogue, float* workspace, ref int prepared)
    {
        (int block, int group) = Math.DivRem(unit, _panelGroups);
        (int first, int count) = Range(block, _block);
        int channels = _source.Channels;
        int inputPlane = Plane(_block * channels);
        int productPlane = Plane(_block * GemmKernel.PanelColumns);
        float* transformed = workspace;
        float* products = transformed + WinogradKernel.Planes * inputPlane;
        float* patch = products + WinogradKernel.Planes * productPlane;
        if (prepared != block)
        {
            TransformInput(input, first, count, transformed, inputPlane, patch);
            prepared = block;
        }

        for (int panel = group * _panels / _panelGroups; panel < (group + 1) * _panels / _panelGroups; panel++)
        {
            int column = panel * GemmKernel.PanelColumns;
            int columns = Math.Min(_target.Channels - column, GemmKernel.PanelColumns);
            for (int plane = 0; plane < WinogradKernel.Planes; plane++)
            {
                var product = new GemmPanel
                {
                    A = transformed + plane * inputPlane,
                    ARows = _sourceRows.Pointer,
                    AStep = 1,
                    B = _filters.Pointer + ((nint)panel * WinogradKernel.Planes + plane) * channels * GemmKernel.PanelColumns,
                    BStep = GemmKernel.PanelColumns,
                    Segments = 1,
                    SegmentLength = channels,
                    C = products + plane * productPlane,
                    CRows = _panelRows.Pointer,
                    Rows = count,
                    Columns = columns,
                };
                _kernels.Gemm.Multiply(product);
            }

            for (int tile = 0; tile < count; tile++)
            {
                (int y, int x) = TargetOf(first + tile);
                _kernels.Winograd.Output(
                    products + tile * GemmKernel.PanelColumns,
                    productPlane,
                    columns,
                    bias + column,
                    epilogue,
                    output + ((nint)y * _target.Width + x) * _targetStride + column,
                    (nint)_target.Width * _targetStride,
                    _targetStride,
                    Math.Min(_target.Height - y, WinogradKernel.OutputSize),
                    Math.Min(_target.Width - x, WinogradKernel.OutputSize));
            }
        }
    }

    /// <summary>Adds the gradients of one sample.</summary>
    /// <param name="input">The input.</param>
    /// <param name="outputGradient">The gradient of the output.</param>
    /// <param name="inputGradient">The gradient of the input is added to these values; null to skip it.</param>
    /// <param name="weightSum">
    /// The gradient of the weights is added to these values, a row of filters for each tap and channel; null to skip it.
    /// </param>
    /// <param name="workspace"><see cref="WorkspaceLength"/> values.</param>
    public void Backward(float* input, float* outputGradient, float* inputGradient, float* weightSum, float* workspace)
    {
        int channels = _source.Channels;
        int inputPlane = Plane(_backwardBlock * channels);
        int productPlane = Plane(_backwardBlock * GemmKernel.PanelColumns);
        int filterPlane = FilterPlane;
        bool several = Blocks(_backwardBlock) > 1;
        float* transformed = workspace;
        float* transformedGradient = transformed + WinogradKernel.Planes * inputPlane;
        float* gradients = transformedGradient + WinogradKernel.Planes * inputPlane;
        float* filters = gradients + WinogradKernel.Planes * productPlane;
        float* patch = filters + WinogradKernel.Planes * filterPlane;
        for (int block = 0; block < Blocks(_backwardBlock); block++)
        {
            (int first, int count) = Range(block, _backwardBlock);
            if (weightSum != null)
            {
                TransformInput(input, first, count, transformed, inputPlane, patch);
            }

            for (int panel = 0; panel < _panels; panel++)
            {
                int column = panel * GemmKernel.PanelColumns;
                int columns = Math.Min(_target.Channels - column, GemmKernel.PanelColumns);
                for (int tile = 0; tile < count; tile++)
                {
                    (int y, int x) = TargetOf(first + tile);
                    _kernels.Winograd.OutputGradient(
                        outputGradient + ((nint)y * _target.Width + x) * _targetStride + column,
                        (nint)_target.Width * _targetStride,
                        _targetStride,
                        Math.Min(_target.Height - y, WinogradKernel.OutputSize),
                        Math.Min(_target.Width - x, WinogradKernel.OutputSize),
                        columns,
                        gradients + tile * GemmKernel.PanelColumns,
                        productPlane);
                }

                float* panelFilters = filters + (several ? panel * channels * GemmKernel.PanelColumns : 0);
                for (int plane = 0; plane < WinogradKernel.Planes; plane++)
                {
                    if (weightSum != null)
                    {
                        MultiplyFilters(
                            transformed + plane * inputPlane,
                            gradients + plane * productPlane,
                            panelFilters + plane * filterPlane,
                            count,
                            columns,
                            accumulate: block > 0);
                    }

                    if (inputGradient != null)
                    {
                        MultiplyInputs(
                            panel, plane, gradients + plane * productPlane, transformedGradient + plane * inputPlane, count, columns);
                    }
                }

                if (weightSum != null && block == Blocks(_backwardBlock) - 1)
                {
                    for (int channel = 0; channel < channels; channel++)
                    {
                        _kernels.Winograd.AddFilterGradient(
                            panelFilters + channel * GemmKernel.PanelColumns,
                            filterPlane,
                            columns,
                            weightSum + (nint)channel * _sumColumns + column,
                            (nint)channels * _sumColumns);
                    }
                }
            }

            if (inputGradient != null)
            {
                AddInputGradient(transformedGradient, inputPlane, first, count, inputGradient, patch);
            }
        }
    }

    private static int Tiles(int length) => (length + WinogradKernel.OutputSize - 1) / WinogradKernel.OutputSize;

    /// <summary>
    /// Number of values of a plane: an odd number of whole cache lines, so that planes do not map to the same cache sets.
    /// </summary>
    private static int Plane(int values) => checked((values + 15) / 16 | 1) * 16;

    private static PinnedBuffer<int> Multiples(int count, int step)
    {
        var buffer = new PinnedBuffer<int>(count);
        for (int i = 0; i < count; i++)
        {
            buffer.Span[i] = i * step;
        }

        return buffer;
    }

    private int BlockOf(int valuesPerTile, int blockValues)
    {
        long blocks = Math.Clamp((long)_tiles * WinogradKernel.Planes * valuesPerTile / blockValues + 1, 1, _tiles);
        return (int)((_tiles + blocks - 1) / blocks);
    }

    private int Blocks(int block) => (_tiles + block - 1) / block;

    private (int First, int Count) Range(int number, int block) => (number * block, Math.Min(block, _tiles - number * block));

    /// <summary>The first output pixel of a tile.</summary>
    private (int Y, int X) TargetOf(int tile)
    {
        (int y, int x) = Math.DivRem(tile, _tilesAcross);
        return (y * WinogradKernel.OutputSize, x * WinogradKernel.OutputSize);
    }

    private void TransformInput(float* input, int first, int count, float* transformed, int plane, float* patch)
    {
        int channels = _source.Channels;
        for (int tile = 0; tile < count; tile++)
        {
            (int y, int x) = TargetOf(first + tile);
            y -= _padding;
            x -= _padding;
            float* to = transformed + (nint)tile * channels;
            if (IsInside(y, x))
            {
                _kernels.Winograd.Input(
                    input + ((nint)y * _source.Width + x) * channels, (nint)_source.Width * channels, channels, channels, to, plane);
            }
            else
            {
                CopyPatch(input, y, x, patch);
                _kernels.Winograd.Input(patch, WinogradKernel.InputSize * channels, channels, channels, to, plane);
            }
        }
    }

    private void AddInputGradient(float* transformed, int plane, int first, int count, float* gradient, float* patch)
    {
        int channels = _source.Channels;
        for (int tile = 0; tile < count; tile++)
        {
            (int y, int x) = TargetOf(first + tile);
            y -= _padding;
            x -= _padding;
            float* from = transformed + (nint)tile * channels;
            if (IsInside(y, x))
            {
                _kernels.Winograd.AddInputGradient(
                    from, plane, channels, gradient + ((nint)y * _source.Width + x) * channels, (nint)_source.Width * channels, channels);
            }
            else
            {
                new Span<float>(patch, WinogradKernel.Planes * channels).Clear();
                _kernels.Winograd.AddInputGradient(from, plane, channels, patch, WinogradKernel.InputSize * channels, channels);
                AddPatch(patch, y, x, gradient);
            }
        }
    }

    private bool IsInside(int y, int x)
        => y >= 0 && x >= 0 && y + WinogradKernel.InputSize <= _source.Height && x + WinogradKernel.InputSize <= _source.Width;

    /// <summary>Copies the 6x6 pixels that start at (y, x); zeros outside the image.</summary>
    private void CopyPatch(float* image, int y, int x, float* patch)
    {
        int channels = _source.Channels;
        new Span<float>(patch, WinogradKernel.Planes * channels).Clear();
        (int left, int width) = Overlap(x, _source.Width);
        (int top, int height) = Overlap(y, _source.Height);
        for (int row = top; row < top + height; row++)
        {
            new ReadOnlySpan<float>(image + ((nint)(y + row) * _source.Width + x + left) * channels, width * channels)
                .CopyTo(new Span<float>(patch + (row * WinogradKernel.InputSize + left) * channels, width * channels));
        }
    }

    private void AddPatch(float* patch, int y, int x, float* image)
    {
        int channels = _source.Channels;
        (int left, int width) = Overlap(x, _source.Width);
        (int top, int height) = Overlap(y, _source.Height);
        for (int row = top; row < top + height; row++)
        {
            var to = new Span<float>(image + ((nint)(y + row) * _source.Width + x + left) * channels, width * channels);
            TensorPrimitives.Add(
                to, new ReadOnlySpan<float>(patch + (row * WinogradKernel.InputSize + left) * channels, width * channels), to);
        }
    }

    /// <summary>The part of a tile's six positions, from <paramref name="start"/>, that lies within the length.</summary>
    private static (int First, int Count) Overlap(int start, int length)
    {
        int first = Math.Max(0, -start);
        return (first, Math.Max(0, Math.Min(WinogradKernel.InputSize, length - start) - first));
    }

    /// <summary>Computes dU = V^T dM for one plane.</summary>
    private void MultiplyFilters(float* transformed, float* gradients, float* filters, int tiles, int columns, bool accumulate)
    {
        var product = new GemmPanel
        {
            A = transformed,
            ARows = _channelRows.Pointer,
            AStep = _source.Channels,
            B = gradients,
            BStep = GemmKernel.PanelColumns,
            Segments = 1,
            SegmentLength = tiles,
            C = filters,
            CRows = _panelRows.Pointer,
            Rows = _source.Channels,
            Columns = columns,
            Epilogue = new Epilogue { Accumulate = accumulate },
        };
        _kernels.Gemm.Multiply(product);
    }

    /// <summary>Computes dV = dM U^T for one plane, accumulating over the panels of filters.</summary>
    private void MultiplyInputs(int panel, int plane, float* gradients, float* transformedGradient, int tiles, int filters)
    {
        float* weights = _transposed!.Pointer + ((nint)panel * WinogradKernel.Planes + plane) * _sourceColumns * GemmKernel.PanelColumns;
        for (int column = 0; column < _source.Channels; column += GemmKernel.PanelColumns)
        {
            var product = new GemmPanel
            {
                A = gradients,
                ARows = _panelRows.Pointer,
                AStep = 1,
                B = weights + column,
                BStep = _sourceColumns,
                Segments = 1,
                SegmentLength = filters,
                C = transformedGradient + column,
                CRows = _sourceRows.Pointer,
                Rows = tiles,
                Columns = Math.Min(_source.Channels - column, GemmKernel.PanelColumns),
                Epilogue = new Epilogue { Accumulate = panel > 0 },
            };
            _kernels.Gemm.Multiply(product);
        }
    }
}
