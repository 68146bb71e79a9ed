using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>
/// The weight gradient of a depthwise convolution or transposed convolution for one channels-last sample: for every tap and channel, the
/// sum of the products of the windowed operand and the plain operand over the pixels of the plain operand (see
/// <see cref="GemmWeightGradient"/>).
/// </summary>
internal sealed unsafe class DepthwiseWeightGradient
{
    // The copy of a strip should fit in the L2 cache.
    private const int StripValues = 48 * 1024;

    private readonly DepthwiseKernel _kernel;
    private readonly Shape _plain;
    private readonly ConvolutionWindow _window;
    private readonly int _plainStride;
    private readonly int _sumStride;
    private readonly int _stripRows;
    private readonly PaddedRows[] _strips;

    /// <summary>Prepares the gradient.</summary>
    /// <param name="kernel">The depthwise kernel.</param>
    /// <param name="windowed">Shape of the operand that the windows slide over.</param>
    /// <param name="plain">Shape of the other operand, which has one pixel for each window.</param>
    /// <param name="window">The settings of the convolution.</param>
    /// <param name="windowedStride">Distance between consecutive pixels of the windowed operand, in values.</param>
    /// <param name="plainStride">Distance between consecutive pixels of the plain operand, in values.</param>
    public DepthwiseWeightGradient(
        DepthwiseKernel kernel, Shape windowed, Shape plain, ConvolutionWindow window, int windowedStride, int plainStride)
    {
        _kernel = kernel;
        _plain = plain;
        _window = window;
        _plainStride = plainStride;
        _sumStride = DepthwiseConvolution.WeightStride(plain.Channels);
        (Size2d span, Size2d stride, Padding2d padding) = (window.Span, window.Stride, window.Padding);
        int right = Math.Max(0, checked((plain.Width - 1) * stride.Width - padding.Left + span.Width - windowed.Width));
        int rowValues = checked((padding.Left + windowed.Width + right) * windowed.Channels);
        _stripRows = Math.Clamp(((StripValues / rowValues) - span.Height) / stride.Height + 1, 1, plain.Height);
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
                windowedStride,
                GapsAllowed: true));
        }

        _strips = [.. strips];
        WorkspaceLength = _strips.Max(strip => strip.InPlace ? 0 : checked(strip.Length + PinnedBuffer<float>.Slack));
    }

    /// <summary>Number of workspace values that <see cref="Add"/> needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of values of an accumulator.</summary>
    public int SumLength => checked(_window.KernelSize.Area * _sumStride);

    /// <summary>Adds the gradient of one sample to an accumulator.</summary>
    public void Add(float* windowed, float* plain, float* sum, float* workspace)
    {
        for (int strip = 0; strip < _strips.Length; strip++)
        {
            PaddedRows source = _strips[strip];
            float* rows = source.Get(windowed, workspace);
            int first = strip * _stripRows;
            int end = Math.Min(first + _stripRows, _plain.Height);
            for (int y = first; y < end; y++)
            {
                for (int tap = 0; tap < _window.KernelSize.Height; tap++)
                {
                    _kernel.AddProducts(
                        rows + (nint)((y - first) * _window.Stride.Height + tap * _window.Dilation.Height) * source.Stride,
                        (nint)_window.Dilation.Width * source.PixelStride,
                        (nint)_window.Stride.Width * source.PixelStride,
                        plain + (nint)y * _plain.Width * _plainStride,
                        _plainStride,
                        _plain.Width,
                        _plain.Channels,
                        _window.KernelSize.Width,
                        sum + (nint)tap * _window.KernelSize.Width * _sumStride,
                        _sumStride);
                }
            }
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
        for (int channel = 0; channel < _plain.Channels; channel++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                *gradient++ = sums[(nint)tap * _sumStride + channel];
            }
        }
    }
}
