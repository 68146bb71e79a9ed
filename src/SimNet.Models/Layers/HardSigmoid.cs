using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary><see cref="Alpha"/> x + <see cref="Beta"/> held to 0 to 1, value by value.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record HardSigmoid(string Name) : ActivationLayer(Name)
{
    /// <summary>The slope; 1/6 by default, as in PyTorch (ONNX says 0.2 where nothing is said).</summary>
    public float Alpha { get; init; } = 1f / 6;

    /// <summary>The value at 0; 0.5 by default.</summary>
    public float Beta { get; init; } = 0.5f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        LayerCheck.Finite(this, nameof(Alpha), Alpha);
        LayerCheck.Finite(this, nameof(Beta), Beta);
        return LayerCheck.Single(this, inputs);
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Alpha = settings.Single("alpha", Alpha),
        Beta = settings.Single("beta", Beta),
    };
}
