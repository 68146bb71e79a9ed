using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The sigmoid: 1 / (1 + exp(-x)).</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Sigmoid(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
