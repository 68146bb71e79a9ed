using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// Softmax cross-entropy over the channels of a C x 1 x 1 output (the logits) against a target of C probabilities: one 1 among zeros
/// for a sample of one class, or shares of several classes for a mixed one. As PyTorch's <c>CrossEntropyLoss</c> with probabilities
/// for targets and mean reduction.
/// </summary>
/// <remarks>
/// With logits x, targets t, smoothing s, weights w and N samples:
/// <code>
/// t' = (1 - s) t + s / C
/// loss = -1/N sum over samples of sum over c of w[c] t'[c] (x[c] - log sum over k of exp(x[k]))
/// </code>
/// The sum is divided by the number of samples, whatever the weights. PyTorch with class numbers for targets divides by the sum of
/// the weights of the batch's classes instead: its loss is this one times N over that sum, so the two are the same where the weights
/// average to 1 over the batch, and always without weights.
/// </remarks>
public sealed record CrossEntropy : Loss
{
    /// <summary>Share of each target that is spread evenly over all classes (Szegedy et al., 2016); 0, the default, for none. In [0, 1].</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>A factor for each class, in the channels' order, each finite and at least 0; empty, the default, for 1 everywhere.</summary>
    public ImmutableArray<float> ClassWeights { get; init; } = [];

    /// <summary>Losses are equal that have the same smoothing and weights, these compared one by one.</summary>
    public bool Equals(CrossEntropy? other) =>
        other is not null && LabelSmoothing.Equals(other.LabelSmoothing) && Weights(this).SequenceEqual(Weights(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LabelSmoothing, Weights(this).Length);

    private static ReadOnlySpan<float> Weights(CrossEntropy loss) => loss.ClassWeights.IsDefault ? [] : loss.ClassWeights.AsSpan();
}
