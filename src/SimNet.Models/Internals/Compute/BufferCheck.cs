namespace SimNet.Models;

/// <summary>The checks of the callers' buffers.</summary>
internal static class BufferCheck
{
    public static void Count(int count)
    {
        if (count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "Expected at least one sample.");
        }
    }

    public static void Length(int length, int count, Shape shape, string argument)
    {
        if (length != (long)count * shape.Length)
        {
            throw new ArgumentException(
                $"{length} values for {count} samples of {shape}; expected {(long)count * shape.Length}.", argument);
        }
    }

    /// <summary>All that <see cref="ITrainingSession.Evaluate"/> is given, and a step besides its rate; no output where none is wanted.</summary>
    public static void Training(ReadOnlyMemory<float> input, Shape inputShape, ReadOnlyMemory<float> target, Memory<float> output, Shape outputShape, int count)
    {
        Count(count);
        Length(input.Length, count, inputShape, nameof(input));
        Length(target.Length, count, outputShape, nameof(target));
        if (!output.IsEmpty)
        {
            Length(output.Length, count, outputShape, nameof(output));
        }
    }

    /// <summary>All that <see cref="IInferenceSession.Run"/> is given.</summary>
    public static void Inference(ReadOnlyMemory<float> input, int count, Shape inputShape, IReadOnlyList<Memory<float>> outputs, IReadOnlyList<Shape> outputShapes)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        Count(count);
        Length(input.Length, count, inputShape, nameof(input));
        if (outputs.Count != outputShapes.Count)
        {
            throw new ArgumentException($"{outputs.Count} output buffers; expected {outputShapes.Count}.", nameof(outputs));
        }

        for (int number = 0; number < outputs.Count; number++)
        {
            Length(outputs[number].Length, count, outputShapes[number], $"{nameof(outputs)}[{number}]");
        }
    }
}
