using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Batch normalisation over each channel (Ioffe and Szegedy, 2015), with learnt scale and shift.
/// Training normalises by the batch's mean and biased variance and moves the running ones towards them
/// (the running variance towards the unbiased one, as PyTorch); inference normalises by the running ones.
/// </summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record BatchNorm2d(string Name) : Layer(Name)
{
    /// <summary>Added to the variance; 1e-5 by default. Above 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Share of the new batch in the running statistics; 0.1 by default. In (0, 1].</summary>
    public float Momentum { get; init; } = 0.1f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        if (!(Epsilon > 0 && float.IsFinite(Epsilon)) || !(Momentum > 0 && Momentum <= 1))
        {
            throw new ArgumentException($"Layer '{Name}': Epsilon {Epsilon}, Momentum {Momentum}; expected above 0 and finite, and in (0, 1].", nameof(inputs));
        }

        return input;
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        int channels = LayerCheck.Single(this, inputs).Channels;
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
