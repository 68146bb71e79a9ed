using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Max pooling: the largest value of each window. The gradient goes to the first of equal values, in row-major order.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
/// <param name="KernelSize">The height and width of a window; each from 1 to 1,024.</param>
public sealed record MaxPool2d(string Name, Size2d KernelSize) : Layer(Name)
{
    /// <summary>The step between windows; 0, the default, for <see cref="KernelSize"/>. Each at most 256.</summary>
    public Size2d Stride { get; init; }

    /// <summary>The rows and columns of negative infinity around the input; 0 by default. Each less than the window.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>
    /// Whether to keep a last window that extends past the padded input, as in PyTorch's <c>ceil_mode</c>; false by default. If true, the
    /// window is kept if it starts inside the input or the padding before it, and ignores what is outside.
    /// </summary>
    public bool CeilMode { get; init; }

    /// <summary>The step between windows: <see cref="Stride"/>, or <see cref="KernelSize"/> where that is 0.</summary>
    public Size2d EffectiveStride => PoolingShape.EffectiveStride(KernelSize, Stride);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        PoolingShape.InferShape(this, LayerValidation.RequireSingleInput(this, inputs), KernelSize, Stride, Padding, CeilMode);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        KernelSize = settings.Size("kernel_size", KernelSize),
        Stride = settings.Size("stride", Stride),
        Padding = settings.Padding("padding", Padding, absent: 0),
        CeilMode = settings.Flag("ceil_mode", CeilMode, absent: false),
    };
}
