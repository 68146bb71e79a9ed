namespace SimNet.Compute;

/// <summary>What a <see cref="Conv2d"/> and a <see cref="ConvTranspose2d"/> have in common: how their windows lie, and in how many groups their channels fall.</summary>
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

    /// <summary>Whether each output is made of the one input of its own pixel.</summary>
    public bool IsPointwise => KernelSize == 1 && Stride == 1 && Padding == 0;

    /// <summary>Whether the kernel is a square that steps from pixel to pixel, with the same padding on all sides and nothing left out.</summary>
    public bool IsSquareStrideOne => KernelSize.Height == KernelSize.Width && Stride == 1 && Padding.IsUniform && Dilation == 1 && Groups == 1;

    /// <summary>Rows and columns that a window spans.</summary>
    public Size2d Span => new((KernelSize.Height - 1) * Dilation.Height + 1, (KernelSize.Width - 1) * Dilation.Width + 1);

    /// <summary>How a target of this shape takes from the source: of a convolution, or of a transposed one.</summary>
    public (ConvolutionAxis Rows, ConvolutionAxis Columns) Map(Shape target, bool transposed) => transposed
        ? (ConvolutionAxis.Transposed(target.Height, KernelSize.Height, Stride.Height, Padding.Top, Dilation.Height),
            ConvolutionAxis.Transposed(target.Width, KernelSize.Width, Stride.Width, Padding.Left, Dilation.Width))
        : (ConvolutionAxis.Convolution(target.Height, KernelSize.Height, Stride.Height, Padding.Top, Dilation.Height),
            ConvolutionAxis.Convolution(target.Width, KernelSize.Width, Stride.Width, Padding.Left, Dilation.Width));
}
