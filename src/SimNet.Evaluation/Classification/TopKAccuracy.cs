namespace SimNet.Evaluation;

/// <summary>How often the actual class is among the k classes with the highest scores.</summary>
public static class TopKAccuracy
{
    /// <summary>The share of samples, 0 to 1, whose actual class is among the <paramref name="k"/> highest scores.</summary>
    /// <remarks>Equal scores rank by class number, lowest first, so a classifier gains nothing by scoring all classes equally.</remarks>
    /// <param name="scores">
    /// The scores, samples x classes, sample by sample: logits or probabilities; higher is more likely. Infinities are allowed.
    /// </param>
    /// <param name="actual">The actual class number of each sample; at least one.</param>
    /// <param name="classCount">The number of classes; at least 1.</param>
    /// <param name="k">The number of highest scores that count; at least 1. From the number of classes on, the result is 1.</param>
    /// <returns>The top-k accuracy.</returns>
    /// <exception cref="ArgumentException">The sizes do not match, a class number is out of range, or a score is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classCount"/> or <paramref name="k"/> is less than 1.</exception>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<int> actual, int classCount, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (actual.IsEmpty)
        {
            throw new ArgumentException("No samples; expected at least one.", nameof(actual));
        }

        if (scores.Length != (long)actual.Length * classCount)
        {
            throw new ArgumentException(
                $"{scores.Length} scores for {actual.Length} samples of {classCount} classes; expected {(long)actual.Length * classCount}.",
                nameof(scores));
        }

        long right = 0;
        for (int sample = 0; sample < actual.Length; sample++)
        {
            ReadOnlySpan<float> row = scores.Slice(sample * classCount, classCount);
            int truth = actual[sample];
            if ((uint)truth >= (uint)classCount)
            {
                throw new ArgumentException($"Sample {sample} has class {truth}; expected 0 to {classCount - 1}.", nameof(actual));
            }

            int ahead = 0;
            for (int c = 0; c < row.Length; c++)
            {
                if (float.IsNaN(row[c]))
                {
                    throw new ArgumentException($"The score of class {c} of sample {sample} is NaN.", nameof(scores));
                }

                ahead += row[c] > row[truth] || (row[c] == row[truth] && c < truth) ? 1 : 0;
            }

            right += ahead < k ? 1 : 0;
        }

        return (double)right / actual.Length;
    }
}
