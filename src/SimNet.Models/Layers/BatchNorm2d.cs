using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Batch normalization of each channel (Ioffe and Szegedy, 2015), with learned scale and shift. Training normalizes by the mean and the
/// biased variance of the batch and updates the running statistics (with the unbiased variance, as in PyTorch). Inference normalizes by
/// the running statistics.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record BatchNorm2d(string Name) : Layer(Name)
{
    /// <summary>The number added to the variance for numerical stability; 1e-5 by default. Greater than 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The weight of a new batch in the running statistics; 0.1 by default. In (0, 1].</summary>
    public float Momentum { get; init; } = 0.1f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        if (!(Epsilon > 0 && float.IsFinite(Epsilon)) || !(Momentum > 0 && Momentum <= 1))
        {
            throw new ArgumentException(
                $"Layer '{Name}' ({Kind}): Epsilon is {Epsilon} and Momentum is {Momentum}; "
                + "expected a finite Epsilon above 0 and a Momentum in (0, 1].",
                nameof(inputs));
        }

        return input;
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        int channels = LayerValidation.RequireSingleInput(this, inputs).Channels;
        return
        [
            new($"{Name}.weight", [channels], Trainable: true),
            new($"{Name}.bias", [channels], Trainable: true),
            new($"{Name}.running_mean", [channels], Trainable: false),
            new($"{Name}.running_var", [channels], Trainable: false),
        ];
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Epsilon = settings.Single("epsilon", Epsilon),
        Momentum = settings.Single("momentum", Momentum),
    };
}
