using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The leaky rectified linear unit: x for positive x; otherwise, <see cref="NegativeSlope"/> times x.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record LeakyRelu(string Name) : ActivationLayer(Name)
{
    /// <summary>The slope for negative values; 0.01 by default, as in PyTorch. Finite. e-SimNet uses 0.001.</summary>
    public float NegativeSlope { get; init; } = 0.01f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => float.IsFinite(NegativeSlope)
        ? LayerValidation.RequireSingleInput(this, inputs)
        : throw new ArgumentException(
            $"Layer '{Name}' ({Kind}): NegativeSlope is {NegativeSlope}; expected a finite number.", nameof(inputs));

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        NegativeSlope = settings.Single("negative_slope", NegativeSlope),
    };
}
