using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Scales the channels at each pixel to unit length: x divided by its Euclidean norm, or by <see cref="Epsilon"/> where the norm is
/// smaller. After global pooling, it scales the whole vector, as PyTorch's <c>functional.normalize</c> does.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record L2Normalization(string Name) : Layer(Name)
{
    /// <summary>The least number to divide by; 1e-12 by default. At least 0, and finite; with 0, a zero vector gives NaN.</summary>
    public float Epsilon { get; init; } = 1e-12f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Epsilon >= 0 && float.IsFinite(Epsilon)
        ? LayerValidation.RequireSingleInput(this, inputs)
        : throw new ArgumentException(
            $"Layer '{Name}' ({Kind}): Epsilon is {Epsilon}; expected a finite number of at least 0.", nameof(inputs));

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Epsilon = settings.Single("epsilon", Epsilon),
    };
}
