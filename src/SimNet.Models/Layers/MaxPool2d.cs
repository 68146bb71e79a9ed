using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The largest value of each window. The gradient goes to the first largest value in row order.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="KernelSize">Height and width of a window; each 1 to 1,024.</param>
public sealed record MaxPool2d(string Name, Size2d KernelSize) : Layer(Name)
{
    /// <summary>Step between windows; 0, the default, for the window's own size; each at most 256.</summary>
    public Size2d Stride { get; init; }

    /// <summary>Rows and columns around the input that count as smaller than any value; 0 by default, each less than the window.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>
    /// What becomes of a last window that would leave the padded input: it is dropped where this is false, the default; where it is true it
    /// stays if it begins inside of the input or the padding before it, and takes what there is. As PyTorch's <c>ceil_mode</c>.
    /// </summary>
    public bool CeilMode { get; init; }

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
        Padding = settings.Padding("padding", Padding, absent: 0),
        CeilMode = settings.Flag("ceil_mode", CeilMode, absent: false),
    };
}
