using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Interleaves groups of channels, so that a convolution in groups mixes them (ShuffleNet; Zhang et al., 2018): with n channels in each
/// group, channel i of group g becomes channel i <see cref="Groups"/> + g.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record ChannelShuffle(string Name) : Layer(Name)
{
    /// <summary>The number of groups; 2 by default. A divisor of the number of channels.</summary>
    public int Groups { get; init; } = 2;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        LayerValidation.RequireGroups(this, Groups, input.Channels, input.Channels);
        return input;
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Groups = settings.Integer("groups", Groups),
    };
}
