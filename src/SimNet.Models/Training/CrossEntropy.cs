using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// Softmax cross-entropy between a C x 1 x 1 output (the logits) and a target of C class probabilities, which are one-hot or mixed. As
/// PyTorch's <c>CrossEntropyLoss</c> with class probabilities and mean reduction.
/// </summary>
/// <remarks>
/// With logits x, targets t, label smoothing s, class weights w, and N samples:
/// <code>
/// t' = (1 - s) t + s / C
/// loss = -1/N sum over samples of sum over c of w[c] t'[c] (x[c] - log sum over k of exp(x[k]))
/// </code>
/// The sum is divided by the number of samples, regardless of the class weights. Given class indexes, PyTorch divides by the sum of the
/// weights of the classes in the batch instead; the two losses are equal if these weights average 1 over the batch, and always without
/// class weights.
/// </remarks>
public sealed record CrossEntropy : Loss
{
    /// <summary>
    /// The share of each target to spread evenly over all classes (Szegedy et al., 2016); 0, the default, for none. In [0, 1].
    /// </summary>
    public float LabelSmoothing { get; init; }

    /// <summary>The weight of each class, in channel order; each finite and at least 0. Empty, the default, for 1 each.</summary>
    public ImmutableArray<float> ClassWeights { get; init; } = [];

    /// <summary>Determines whether two losses are equal, comparing <see cref="ClassWeights"/> by value.</summary>
    /// <param name="other">The loss to compare with.</param>
    /// <returns>True if label smoothing and class weights are equal.</returns>
    public bool Equals(CrossEntropy? other) =>
        other is not null && LabelSmoothing.Equals(other.LabelSmoothing) && Weights(this).SequenceEqual(Weights(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LabelSmoothing, Weights(this).Length);

    private static ReadOnlySpan<float> Weights(CrossEntropy loss) => loss.ClassWeights.IsDefault ? [] : loss.ClassWeights.AsSpan();
}
