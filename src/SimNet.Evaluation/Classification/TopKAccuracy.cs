namespace SimNet.Evaluation;

/// <summary>How often the true class is among the k classes that a classifier scores highest.</summary>
public static class TopKAccuracy
{
    /// <summary>Share of samples, 0 to 1, whose true class is among the <paramref name="k"/> highest scores.</summary>
    /// <remarks>Equal scores rank by class number, lower first, so a classifier that scores all classes alike gains nothing by
    /// it.</remarks>
    /// <param name="scores">Samples x classes scores, row by row: logits or probabilities, higher is likelier. Infinities are
    /// allowed.</param>
    /// <param name="actual">The true class number of each sample; one or more.</param>
    /// <param name="classCount">Number of classes: the length of a row.</param>
    /// <param name="k">How many of the highest scores count; at least 1. At or above the number of classes the answer is 1.</param>
    /// <exception cref="ArgumentException">The sizes do not fit, a class number is out of range, or a score is not a number.</exception>
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
                $"{scores.Length} scores for {actual.Length} samples of {classCount} classes; expected {(long)actual.Length * classCount}.", nameof(scores));
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
                    throw new ArgumentException($"The score of class {c} of sample {sample} is not a number.", nameof(scores));
                }

                ahead += row[c] > row[truth] || (row[c] == row[truth] && c < truth) ? 1 : 0;
            }

            right += ahead < k ? 1 : 0;
        }

        return (double)right / actual.Length;
    }
}
