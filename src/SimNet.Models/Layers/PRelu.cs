using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// The parametric rectified linear unit: x for positive x; otherwise, x times the learned slope of the channel (He et al., 2015).
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record PRelu(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerValidation.RequireSingleInput(this, inputs);

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs) =>
        [new($"{Name}.weight", [LayerValidation.RequireSingleInput(this, inputs).Channels], Trainable: true)];

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
