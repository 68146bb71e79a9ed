using System.Numerics.Tensors;

namespace SimNet.Evaluation;

/// <summary>Judges how well an autoencoder gives back what it was shown, value by value. Made for use inside training: no memory is
/// taken.</summary>
public static class ReconstructionMetrics
{
    /// <summary>
    /// Share of values, 0 to 1, that output and target round to the same of 0 and 1: both above 0.5, or neither. A value that is not a
    /// number is wrong.
    /// </summary>
    /// <remarks>
    /// For targets that are exactly 0 or 1 this is Keras' <c>binary_accuracy</c>. For grey targets it is not: Keras rounds only the
    /// output, so a target of 0.98 is never met; <see cref="KerasBinaryAccuracy"/> computes that.
    /// </remarks>
    /// <param name="output">What the network gave.</param>
    /// <param name="target">What it should have given; as many values, at least one.</param>
    /// <exception cref="ArgumentException">The numbers of values differ, or there is none.</exception>
    public static double BinaryAccuracy(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        Check(output, target);
        return (double)AgreementCount.Count<SameSideOfHalf>(output, target) / output.Length;
    }

    /// <summary>
    /// Keras' <c>binary_accuracy</c> as it is written, threshold 0.5: the share of values where the target equals 1 and the output is above
    /// 0.5, or the target equals 0 and the output is not. A target strictly between 0 and 1 is always wrong, and so is an output that is
    /// not a number (which Keras takes for 0).
    /// </summary>
    /// <param name="output">What the network gave.</param>
    /// <param name="target">What it should have given; as many values, at least one.</param>
    /// <exception cref="ArgumentException">The numbers of values differ, or there is none.</exception>
    public static double KerasBinaryAccuracy(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        Check(output, target);
        return (double)AgreementCount.Count<RoundedOutputIsTarget>(output, target) / output.Length;
    }

    /// <summary>Mean of (output - target)², summed in single precision within blocks of 1,024 values and in double across them.</summary>
    /// <param name="output">What the network gave.</param>
    /// <param name="target">What it should have given; as many values, at least one.</param>
    /// <exception cref="ArgumentException">The numbers of values differ, or there is none.</exception>
    public static double MeanSquaredError(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        Check(output, target);

        // Float sums within a block, doubles across, so precision does not fall with length.
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
                $"{output.Length} output values for {target.Length} target values; expected as many.", nameof(output));
        }

        if (output.IsEmpty)
        {
            throw new ArgumentException("No values; expected at least one.", nameof(output));
        }
    }
}
