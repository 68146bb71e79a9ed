using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The softmax over the channels at each pixel: exp(x) divided by the sum of exp over all channels.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Softmax(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerValidation.RequireSingleInput(this, inputs);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
