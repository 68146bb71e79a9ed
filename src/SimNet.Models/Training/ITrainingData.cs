namespace SimNet.Models;

/// <summary>Samples to train on or to judge by. <see cref="Read"/> may be called by many threads at once.</summary>
public interface ITrainingData
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Shape of one input sample.</summary>
    Shape InputShape { get; }

    /// <summary>Shape of one target sample.</summary>
    Shape TargetShape { get; }

    /// <summary>
    /// Names what the samples are: data that would fill a batch with other values has another fingerprint. A training that is resumed
    /// checks by it that it goes on with what it began with.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>
    /// Fills a batch. The same sample, seed and epoch give the same values whatever the batch they stand in, so that runs can be
    /// repeated and resumed; augmentation and noise draw from those three alone.
    /// </summary>
    /// <param name="samples">Numbers of the samples, each from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="inputs">Filled with <c>samples.Length</c> inputs, NCHW.</param>
    /// <param name="targets">Filled with <c>samples.Length</c> targets, NCHW.</param>
    void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets);
}
