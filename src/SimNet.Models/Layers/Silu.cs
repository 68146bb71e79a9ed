using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>x / (1 + exp(-x)), value by value: the sigmoid linear unit, also known as swish (Ramachandran et al., 2017).</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Silu(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
