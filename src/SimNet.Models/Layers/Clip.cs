using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Clamps each value to the range <see cref="Minimum"/> to <see cref="Maximum"/>; by default, ReLU6.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Clip(string Name) : ActivationLayer(Name)
{
    /// <summary>The smallest value; 0 by default. Finite.</summary>
    public float Minimum { get; init; }

    /// <summary>The largest value; 6 by default. Finite, and at least <see cref="Minimum"/>.</summary>
    public float Maximum { get; init; } = 6;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        LayerValidation.RequireFinite(this, nameof(Minimum), Minimum);
        LayerValidation.RequireFinite(this, nameof(Maximum), Maximum);
        return Minimum <= Maximum
            ? LayerValidation.RequireSingleInput(this, inputs)
            : throw new ArgumentException(
                $"Layer '{Name}' ({Kind}): Minimum is {Minimum} and Maximum is {Maximum}; expected Minimum to be at most Maximum.",
                nameof(inputs));
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Minimum = settings.Single("minimum", Minimum),
        Maximum = settings.Single("maximum", Maximum),
    };
}
