using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>exp(x) over the sum of exp of all channels, at each pixel: values above 0 that add up to 1.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Softmax(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerCheck.Single(this, inputs);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
