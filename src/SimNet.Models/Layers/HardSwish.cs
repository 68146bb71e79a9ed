using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Hard swish: x times x / 6 + 1/2 clamped to [0, 1] (Howard et al., "Searching for MobileNetV3", 2019).</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record HardSwish(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
