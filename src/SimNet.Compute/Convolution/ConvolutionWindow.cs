namespace SimNet.Compute;

/// <summary>
/// The settings that <see cref="Conv2d"/> and <see cref="ConvTranspose2d"/> share: the geometry of the kernel and the groups.
/// </summary>
internal readonly record struct ConvolutionWindow(Size2d KernelSize, Size2d Stride, Padding2d Padding, Size2d Dilation, int Groups)
{
    public ConvolutionWindow(Conv2d layer)
        : this(layer.KernelSize, layer.Stride, layer.Padding, layer.Dilation, layer.Groups)
    {
    }

    public ConvolutionWindow(ConvTranspose2d layer)
        : this(layer.KernelSize, layer.Stride, layer.Padding, layer.Dilation, layer.Groups)
    {
    }

    /// <summary>
    /// Whether the kernel is 1x1 with stride 1 and no padding, so that each output pixel depends on a single input pixel.
    /// </summary>
    public bool IsPointwise => KernelSize == 1 && Stride == 1 && Padding == 0;

    /// <summary>Whether the kernel is square with stride 1, uniform padding, no dilation and a single group.</summary>
    public bool IsSquareStrideOne
        => KernelSize.Height == KernelSize.Width && Stride == 1 && Padding.IsUniform && Dilation == 1 && Groups == 1;

    /// <summary>The size of the kernel with its dilation.</summary>
    public Size2d Span => new((KernelSize.Height - 1) * Dilation.Height + 1, (KernelSize.Width - 1) * Dilation.Width + 1);

    /// <summary>The geometry of both axes, for a convolution or a transposed convolution to a target of this shape.</summary>
    public (ConvolutionAxis Rows, ConvolutionAxis Columns) Map(Shape target, bool transposed) => transposed
        ? (ConvolutionAxis.Transposed(target.Height, KernelSize.Height, Stride.Height, Padding.Top, Dilation.Height),
            ConvolutionAxis.Transposed(target.Width, KernelSize.Width, Stride.Width, Padding.Left, Dilation.Width))
        : (ConvolutionAxis.Convolution(target.Height, KernelSize.Height, Stride.Height, Padding.Top, Dilation.Height),
            ConvolutionAxis.Convolution(target.Width, KernelSize.Width, Stride.Width, Padding.Left, Dilation.Width));
}
