using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The element-wise sum of two or more inputs of the same shape, such as the branches of a residual block.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Add(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerValidation.RequireSameShape(this, inputs);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
