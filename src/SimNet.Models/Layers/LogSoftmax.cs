using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// The logarithm of the softmax over the channels at each pixel: x minus the logarithm of the sum of exp over all channels.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record LogSoftmax(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerValidation.RequireSingleInput(this, inputs);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
