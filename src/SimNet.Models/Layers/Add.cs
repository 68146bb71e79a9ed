using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The sum of two inputs or more of one shape, value by value: what joins a residual network's ways.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Add(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerCheck.Same(this, inputs);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
