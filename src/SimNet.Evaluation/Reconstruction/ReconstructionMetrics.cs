using System.Numerics.Tensors;

namespace SimNet.Evaluation;

/// <summary>
/// Measures of how well an autoencoder reconstructs its input, value by value. They allocate no memory, so that training can use them.
/// </summary>
public static class ReconstructionMetrics
{
    /// <summary>
    /// The share of values, 0 to 1, for which output and target round to the same of 0 and 1: both are above 0.5, or neither is. NaN is
    /// never correct.
    /// </summary>
    /// <remarks>
    /// For targets that are exactly 0 or 1, this equals <c>binary_accuracy</c> of Keras. For gray targets it does not: Keras rounds only
    /// the output, so that a target of 0.98 is never met. <see cref="KerasBinaryAccuracy"/> computes that measure.
    /// </remarks>
    /// <param name="output">The output of the network.</param>
    /// <param name="target">The target values; as many as <paramref name="output"/> has, and at least one.</param>
    /// <returns>The accuracy.</returns>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public static double BinaryAccuracy(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        Check(output, target);
        return (double)AgreementCount.Count<SameSideOfHalf>(output, target) / output.Length;
    }

    /// <summary>
    /// The <c>binary_accuracy</c> of Keras with the threshold 0.5: the share of values for which the target is 1 and the output above 0.5,
    /// or the target is 0 and the output is not. A target strictly between 0 and 1 is never met, and a NaN output is never correct (Keras
    /// treats it as 0).
    /// </summary>
    /// <param name="output">The output of the network.</param>
    /// <param name="target">The target values; as many as <paramref name="output"/> has, and at least one.</param>
    /// <returns>The accuracy.</returns>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public static double KerasBinaryAccuracy(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        Check(output, target);
        return (double)AgreementCount.Count<RoundedOutputIsTarget>(output, target) / output.Length;
    }

    /// <summary>
    /// The mean squared error, summed in single precision within blocks of 1,024 values and in double precision across blocks.
    /// </summary>
    /// <param name="output">The output of the network.</param>
    /// <param name="target">The target values; as many as <paramref name="output"/> has, and at least one.</param>
    /// <returns>The mean of (output - target)².</returns>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public static double MeanSquaredError(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        Check(output, target);

        // Single precision within a block and double precision across blocks: the precision does not depend on the length.
        const int Block = 1024;
        double sum = 0;
        for (int start = 0; start < output.Length; start += Block)
        {
            int length = Math.Min(Block, output.Length - start);
            double distance = TensorPrimitives.Distance(output.Slice(start, length), target.Slice(start, length));
            sum += distance * distance;
        }

        return sum / output.Length;
    }

    private static void Check(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        if (output.Length != target.Length)
        {
            throw new ArgumentException(
                $"{output.Length} output values for {target.Length} target values; expected the same number.", nameof(output));
        }

        if (output.IsEmpty)
        {
            throw new ArgumentException("No values; expected at least one.", nameof(output));
        }
    }
}
