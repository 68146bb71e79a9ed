using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Average pooling: the mean of each window.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
/// <param name="KernelSize">The height and width of a window; each from 1 to 1,024.</param>
public sealed record AveragePool2d(string Name, Size2d KernelSize) : Layer(Name)
{
    /// <summary>The step between windows; 0, the default, for <see cref="KernelSize"/>. Each at most 256.</summary>
    public Size2d Stride { get; init; }

    /// <summary>The rows and columns of zeros around the input; 0 by default. Each less than the window.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>As <see cref="MaxPool2d.CeilMode"/>. What lies beyond input and padding is never counted in the mean.</summary>
    public bool CeilMode { get; init; }

    /// <summary>Whether the mean includes the zeros of the padding; true by default, as in PyTorch.</summary>
    public bool CountIncludePadding { get; init; } = true;

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
        Padding = settings.Padding("padding", Padding),
        CeilMode = settings.Flag("ceil_mode", CeilMode),
        CountIncludePadding = settings.Flag("count_include_padding", CountIncludePadding),
    };
}
