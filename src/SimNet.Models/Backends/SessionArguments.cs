using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Validates the arguments of session methods, so that every back end throws the same exceptions.</summary>
[Experimental(ExperimentalFeatures.Backends)]
public static class SessionArguments
{
    /// <summary>Validates the arguments of <see cref="IInferenceSession.Run"/>.</summary>
    /// <param name="input">The <paramref name="count"/> samples, NCHW.</param>
    /// <param name="count">The number of samples.</param>
    /// <param name="inputShape">The shape of one input sample.</param>
    /// <param name="outputs">One buffer per output.</param>
    /// <param name="outputShapes">The shape of each output for one sample.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="ArgumentException">The number or the length of the buffers does not match the shapes and the count.</exception>
    public static void CheckRun(
        ReadOnlyMemory<float> input,
        int count,
        Shape inputShape,
        IReadOnlyList<Memory<float>> outputs,
        IReadOnlyList<Shape> outputShapes)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(outputShapes);
        CheckCount(count);
        CheckLength(input.Length, count, inputShape, nameof(input));
        if (outputs.Count != outputShapes.Count)
        {
            throw new ArgumentException($"Got {outputs.Count} output buffers; expected {outputShapes.Count}.", nameof(outputs));
        }

        for (int number = 0; number < outputs.Count; number++)
        {
            CheckLength(outputs[number].Length, count, outputShapes[number], $"{nameof(outputs)}[{number}]");
        }
    }

    /// <summary>Validates the arguments of <see cref="ITrainingSession.TrainStep"/>.</summary>
    /// <param name="input">The <paramref name="count"/> samples, NCHW.</param>
    /// <param name="inputShape">The shape of one input sample.</param>
    /// <param name="target">The <paramref name="count"/> targets, NCHW.</param>
    /// <param name="output">The buffer for the outputs; empty to discard them.</param>
    /// <param name="outputShape">The shape of one output sample.</param>
    /// <param name="count">The number of samples.</param>
    /// <param name="learningRate">The learning rate of the step.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="count"/> is less than 1, or <paramref name="learningRate"/> is negative or not finite.
    /// </exception>
    /// <exception cref="ArgumentException">The length of a buffer does not match the shapes and the count.</exception>
    public static void CheckTrainStep(
        ReadOnlyMemory<float> input,
        Shape inputShape,
        ReadOnlyMemory<float> target,
        Memory<float> output,
        Shape outputShape,
        int count,
        float learningRate)
    {
        CheckEvaluate(input, inputShape, target, output, outputShape, count);
        if (!float.IsFinite(learningRate) || learningRate < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "The learning rate must be finite and at least 0.");
        }
    }

    /// <summary>Validates the arguments of <see cref="ITrainingSession.Evaluate"/>.</summary>
    /// <inheritdoc cref="CheckTrainStep"/>
    public static void CheckEvaluate(
        ReadOnlyMemory<float> input,
        Shape inputShape,
        ReadOnlyMemory<float> target,
        Memory<float> output,
        Shape outputShape,
        int count)
    {
        CheckCount(count);
        CheckLength(input.Length, count, inputShape, nameof(input));
        CheckLength(target.Length, count, outputShape, nameof(target));
        if (!output.IsEmpty)
        {
            CheckLength(output.Length, count, outputShape, nameof(output));
        }
    }

    /// <summary>Checks that a batch has more than one value per channel, because a single value has no variance.</summary>
    /// <param name="layer">A batch norm that is trained.</param>
    /// <param name="pixels">The number of values per channel in one sample.</param>
    /// <param name="count">The number of samples in the batch.</param>
    /// <exception cref="ArgumentException">The batch has one value per channel.</exception>
    public static void CheckBatchNorm(BatchNorm2d layer, int pixels, int count)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if ((long)count * pixels < 2)
        {
            throw new ArgumentException(
                $"Layer '{layer.Name}' ({layer.Kind}) gets one value per channel in a batch of {count}; training needs at least two.",
                nameof(count));
        }
    }

    private static void CheckCount(int count)
    {
        if (count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "A batch has at least one sample.");
        }
    }

    private static void CheckLength(int length, int count, Shape shape, string argument)
    {
        if (length != (long)count * shape.Length)
        {
            throw new ArgumentException(
                $"Got {length} values for {count} samples of {shape}; expected {(long)count * shape.Length}.", argument);
        }
    }
}
