using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The hard sigmoid: <see cref="Alpha"/> x + <see cref="Beta"/>, clamped to [0, 1].</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record HardSigmoid(string Name) : ActivationLayer(Name)
{
    /// <summary>The slope; 1/6 by default, as in PyTorch (the default of ONNX is 0.2). Finite.</summary>
    public float Alpha { get; init; } = 1f / 6;

    /// <summary>The value at 0; 0.5 by default. Finite.</summary>
    public float Beta { get; init; } = 0.5f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        LayerValidation.RequireFinite(this, nameof(Alpha), Alpha);
        LayerValidation.RequireFinite(this, nameof(Beta), Beta);
        return LayerValidation.RequireSingleInput(this, inputs);
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Alpha = settings.Single("alpha", Alpha),
        Beta = settings.Single("beta", Beta),
    };
}
