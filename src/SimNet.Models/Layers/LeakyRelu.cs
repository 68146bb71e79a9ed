using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>x where x is positive, <see cref="NegativeSlope"/> times x elsewhere.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record LeakyRelu(string Name) : ActivationLayer(Name)
{
    /// <summary>Slope for negative values; 0.01 by default, as PyTorch. e-SimNet uses 0.001.</summary>
    public float NegativeSlope { get; init; } = 0.01f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => float.IsFinite(NegativeSlope)
        ? LayerCheck.Single(this, inputs)
        : throw new ArgumentException($"Layer '{Name}': NegativeSlope is {NegativeSlope}; expected a finite number.", nameof(inputs));

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        NegativeSlope = settings.Single("negative_slope", NegativeSlope),
    };
}
