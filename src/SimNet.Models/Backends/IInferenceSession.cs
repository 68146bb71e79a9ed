namespace SimNet.Models;

/// <summary>A network prepared for inference. <see cref="Run"/> can be called from several threads at once.</summary>
public interface IInferenceSession : IDisposable
{
    /// <summary>The shape of one input sample.</summary>
    Shape InputShape { get; }

    /// <summary>The shape of each output for one sample, in the order in which the outputs were requested.</summary>
    IReadOnlyList<Shape> OutputShapes { get; }

    /// <summary>Runs the network on a batch of samples.</summary>
    /// <param name="input">The <paramref name="count"/> samples, NCHW.</param>
    /// <param name="count">The number of samples; at least 1.</param>
    /// <param name="outputs">One buffer per output, each <paramref name="count"/> times as long as its shape; filled NCHW.</param>
    /// <exception cref="ArgumentException">The length of a buffer does not match its shape and the count.</exception>
    void Run(ReadOnlyMemory<float> input, int count, IReadOnlyList<Memory<float>> outputs);
}
