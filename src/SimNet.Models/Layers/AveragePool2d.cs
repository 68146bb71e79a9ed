using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The mean of each window.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="KernelSize">Height and width of a window; each 1 to 1,024.</param>
public sealed record AveragePool2d(string Name, Size2d KernelSize) : Layer(Name)
{
    /// <summary>Step between windows; 0, the default, for the window's own size; each at most 256.</summary>
    public Size2d Stride { get; init; }

    /// <summary>Rows and columns of zeros around the input; 0 by default, each less than the window.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>As <see cref="MaxPool2d.CeilMode"/>; what lies beyond input and padding is never counted.</summary>
    public bool CeilMode { get; init; }

    /// <summary>Whether the zeros of the padding count in the mean; true by default, as in PyTorch.</summary>
    public bool CountIncludePadding { get; init; } = true;

    /// <summary>The step in force: <see cref="Stride"/>, or the window's size where that is 0.</summary>
    public Size2d EffectiveStride => PoolWindows.EffectiveStride(KernelSize, Stride);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => PoolWindows.InferShape(this, LayerCheck.Single(this, inputs), KernelSize, Stride, Padding, CeilMode);

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
