using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The sigmoid linear unit, also known as swish: x / (1 + exp(-x)) (Ramachandran et al., 2017).</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Silu(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
