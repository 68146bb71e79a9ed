using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The rectified linear unit: max(x, 0).</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Relu(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
