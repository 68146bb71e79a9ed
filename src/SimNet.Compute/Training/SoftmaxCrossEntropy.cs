namespace SimNet.Compute;

/// <summary>
/// <see cref="CrossEntropy"/> of one sample, in double precision: a sample has a few values, so nothing is gained by vectors. With the
/// logits' maximum m taken away nothing overflows and the sum is at least 1:
/// <code>
/// log p[c] = x[c] - m - log sum over k of exp(x[k] - m)
/// d loss / d x[c] = p[c] (sum over k of w[k] t'[k]) - w[c] t'[c]
/// </code>
/// </summary>
internal static unsafe class SoftmaxCrossEntropy
{
    /// <summary>The loss; where <paramref name="gradients"/> is not null, it gets the logits' gradients times <paramref name="scale"/>.</summary>
    public static double Run(CrossEntropy loss, float* logits, float* targets, int length, float scale, float* gradients)
    {
        double most = double.NegativeInfinity;
        for (int c = 0; c < length; c++)
        {
            most = Math.Max(most, logits[c]);
        }

        double sum = 0;
        for (int c = 0; c < length; c++)
        {
            sum += Math.Exp(logits[c] - most);
        }

        double logSum = most + Math.Log(sum);
        double total = 0;
        double weight = 0;
        for (int c = 0; c < length; c++)
        {
            double target = Target(loss, targets, c, length);
            weight += target;

            // A class that nothing is asked of adds nothing, however unlikely it is.
            total -= target == 0 ? 0 : target * (logits[c] - logSum);
        }

        for (int c = 0; gradients != null && c < length; c++)
        {
            gradients[c] = (float)(scale * (Math.Exp(logits[c] - logSum) * weight - Target(loss, targets, c, length)));
        }

        return total;
    }

    /// <summary>The smoothed target times the class's weight.</summary>
    private static double Target(CrossEntropy loss, float* targets, int c, int length)
    {
        double target = (1 - (double)loss.LabelSmoothing) * targets[c] + (double)loss.LabelSmoothing / length;
        return loss.ClassWeights.IsDefaultOrEmpty ? target : target * loss.ClassWeights[c];
    }
}
