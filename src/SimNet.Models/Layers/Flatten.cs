using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Turns a feature map into a vector, channel by channel and row by row: C x H x W becomes (C H W) x 1 x 1, as in PyTorch.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Flatten(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => new(LayerValidation.RequireSingleInput(this, inputs).Length, 1, 1);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
