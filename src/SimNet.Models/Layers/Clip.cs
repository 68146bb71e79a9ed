using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>x held to <see cref="Minimum"/> to <see cref="Maximum"/>, value by value; the defaults make it ReLU6.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Clip(string Name) : ActivationLayer(Name)
{
    /// <summary>The least value; 0 by default.</summary>
    public float Minimum { get; init; }

    /// <summary>The largest value; 6 by default. At least <see cref="Minimum"/>.</summary>
    public float Maximum { get; init; } = 6;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        LayerCheck.Finite(this, nameof(Minimum), Minimum);
        LayerCheck.Finite(this, nameof(Maximum), Maximum);
        return Minimum <= Maximum
            ? LayerCheck.Single(this, inputs)
            : throw new ArgumentException($"Layer '{Name}' ({Kind}): {nameof(Minimum)} is {Minimum}, {nameof(Maximum)} {Maximum}; expected them in order.", nameof(inputs));
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
