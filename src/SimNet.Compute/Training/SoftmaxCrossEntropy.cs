namespace SimNet.Compute;

/// <summary>
/// <see cref="CrossEntropy"/> of one sample, in double precision and without vectors, since a sample has few values. Subtracting the
/// maximum m of the logits prevents overflow and makes the sum at least 1:
/// <code>
/// log p[c] = x[c] - m - log sum over k of exp(x[k] - m)
/// d loss / d x[c] = p[c] (sum over k of w[k] t'[k]) - w[c] t'[c]
/// </code>
/// </summary>
internal static unsafe class SoftmaxCrossEntropy
{
    /// <summary>
    /// The loss. If <paramref name="gradients"/> is not null, it receives the gradients of the logits times <paramref name="scale"/>.
    /// </summary>
    public static double Run(CrossEntropy loss, float* logits, float* targets, int length, float scale, float* gradients)
    {
        double maximum = double.NegativeInfinity;
        for (int c = 0; c < length; c++)
        {
            maximum = Math.Max(maximum, logits[c]);
        }

        double sum = 0;
        for (int c = 0; c < length; c++)
        {
            sum += Math.Exp(logits[c] - maximum);
        }

        double logSum = maximum + Math.Log(sum);
        double total = 0;
        double weight = 0;
        for (int c = 0; c < length; c++)
        {
            double target = Target(loss, targets, c, length);
            weight += target;

            // A class with target 0 adds nothing, even if its log probability is minus infinity.
            total -= target == 0 ? 0 : target * (logits[c] - logSum);
        }

        for (int c = 0; gradients != null && c < length; c++)
        {
            gradients[c] = (float)(scale * (Math.Exp(logits[c] - logSum) * weight - Target(loss, targets, c, length)));
        }

        return total;
    }

    /// <summary>The smoothed target times the weight of the class.</summary>
    private static double Target(CrossEntropy loss, float* targets, int c, int length)
    {
        double target = (1 - (double)loss.LabelSmoothing) * targets[c] + (double)loss.LabelSmoothing / length;
        return loss.ClassWeights.IsDefaultOrEmpty ? target : target * loss.ClassWeights[c];
    }
}
