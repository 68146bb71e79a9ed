namespace SimNet.Models;

/// <summary>A network made ready to infer. <see cref="Run"/> may be called by many threads at once.</summary>
public interface IInferenceSession : IDisposable
{
    /// <summary>Shape of one input sample.</summary>
    Shape InputShape { get; }

    /// <summary>Shapes of one sample's outputs, in the order asked for.</summary>
    IReadOnlyList<Shape> OutputShapes { get; }

    /// <summary>Runs <paramref name="count"/> samples.</summary>
    /// <param name="input"><paramref name="count"/> samples, NCHW.</param>
    /// <param name="count">Number of samples; at least 1.</param>
    /// <param name="outputs">One buffer per output, each of <paramref name="count"/> times its shape's length, filled NCHW.</param>
    /// <exception cref="ArgumentException">A buffer's length is not what the shapes and the count ask for.</exception>
    void Run(ReadOnlyMemory<float> input, int count, IReadOnlyList<Memory<float>> outputs);
}
