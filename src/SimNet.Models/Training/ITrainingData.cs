namespace SimNet.Models;

/// <summary>A set of samples for training or validation. <see cref="Read"/> can be called from several threads at once.</summary>
public interface ITrainingData
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>The shape of one input.</summary>
    Shape InputShape { get; }

    /// <summary>The shape of one target.</summary>
    Shape TargetShape { get; }

    /// <summary>
    /// Identifies the data: data that would fill a batch with other values has another fingerprint. A resumed run uses it to check that
    /// the data has not changed.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>
    /// Reads a batch. A sample depends only on its index, the seed, and the epoch, including augmentation and noise, so that runs can be
    /// repeated and resumed.
    /// </summary>
    /// <param name="samples">The indexes of the samples, each from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="inputs">Receives <c>samples.Length</c> inputs, NCHW.</param>
    /// <param name="targets">Receives <c>samples.Length</c> targets, NCHW.</param>
    void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets);
}
