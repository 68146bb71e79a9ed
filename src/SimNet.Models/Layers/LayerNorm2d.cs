using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Layer normalization over the channels at each pixel (Ba et al., 2016), with learned scale and shift, as ConvNeXt uses it:
/// (x - mean) / sqrt(variance + <see cref="Epsilon"/>) times the weight plus the bias of the channel, with the biased variance.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record LayerNorm2d(string Name) : Layer(Name)
{
    /// <summary>The number added to the variance for numerical stability; 1e-5 by default. At least 0, and finite.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Epsilon >= 0 && float.IsFinite(Epsilon)
        ? LayerValidation.RequireSingleInput(this, inputs)
        : throw new ArgumentException(
            $"Layer '{Name}' ({Kind}): Epsilon is {Epsilon}; expected a finite number of at least 0.", nameof(inputs));

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        int channels = LayerValidation.RequireSingleInput(this, inputs).Channels;
        return [new($"{Name}.weight", [channels], Trainable: true), new($"{Name}.bias", [channels], Trainable: true)];
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Epsilon = settings.Single("epsilon", Epsilon),
    };
}
