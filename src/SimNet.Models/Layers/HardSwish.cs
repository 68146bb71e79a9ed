using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>x times x / 6 + 1/2 held to 0 to 1, value by value (Howard et al., "Searching for MobileNetV3", 2019).</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record HardSwish(string Name) : ActivationLayer(Name)
{
    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
