using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// x to the power of <see cref="Exponent"/>. A negative x gives NaN unless the exponent is a whole number, so a <see cref="Clip"/> goes
/// before it where x can be negative, as in generalized mean pooling (GeM; Radenovic et al., 2018).
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Power(string Name) : ActivationLayer(Name)
{
    /// <summary>The exponent; 2 by default. Finite.</summary>
    public float Exponent { get; init; } = 2;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        LayerValidation.RequireFinite(this, nameof(Exponent), Exponent);
        return LayerValidation.RequireSingleInput(this, inputs);
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Exponent = settings.Single("exponent", Exponent),
    };
}
