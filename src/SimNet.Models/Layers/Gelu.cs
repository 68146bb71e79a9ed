using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// The Gaussian error linear unit: x times the normal distribution function of x, (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel, 2016).
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Gelu(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
