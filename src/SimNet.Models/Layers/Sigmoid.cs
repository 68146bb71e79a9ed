using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>1 / (1 + exp(-x)), value by value.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Sigmoid(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
