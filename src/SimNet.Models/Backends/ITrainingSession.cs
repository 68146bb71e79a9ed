namespace SimNet.Models;

/// <summary>A network being trained: its weights, its optimizer's state, and one step at a time. Not thread-safe; uses all cores by itself.</summary>
public interface ITrainingSession : IDisposable
{
    /// <summary>Shape of one input sample.</summary>
    Shape InputShape { get; }

    /// <summary>Shape of one output sample, which is the target's shape as well.</summary>
    Shape OutputShape { get; }

    /// <summary>One optimizer step: forward with batch statistics, loss, backward, update.</summary>
    /// <param name="input"><paramref name="count"/> samples, NCHW.</param>
    /// <param name="target">What the outputs should be, NCHW.</param>
    /// <param name="count">Number of samples; at least 1.</param>
    /// <param name="learningRate">The step's learning rate.</param>
    /// <param name="output">Where to put the outputs of this step's forward pass; empty when not wanted.</param>
    /// <param name="cancellationToken">Gives the step up as soon as the back end can: the managed one between two samples at the latest.</param>
    /// <returns>The loss before the update, averaged over the batch.</returns>
    /// <exception cref="ArgumentException">A buffer's length is not what the shapes and the count ask for.</exception>
    /// <exception cref="OperationCanceledException">The step was given up: weights, running statistics and optimizer are as before it.</exception>
    float TrainStep(
        ReadOnlyMemory<float> input, ReadOnlyMemory<float> target, int count, float learningRate, Memory<float> output = default, CancellationToken cancellationToken = default);

    /// <summary>Forward in inference form (running statistics) with the weights as they stand now.</summary>
    /// <param name="input"><paramref name="count"/> samples, NCHW.</param>
    /// <param name="target">What the outputs should be; for the loss.</param>
    /// <param name="count">Number of samples; at least 1.</param>
    /// <param name="output">Where to put the outputs; empty when not wanted.</param>
    /// <param name="cancellationToken">Stops as soon as the back end can: the managed one between two samples at the latest.</param>
    /// <returns>The loss, averaged over the batch.</returns>
    /// <exception cref="ArgumentException">A buffer's length is not what the shapes and the count ask for.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    float Evaluate(
        ReadOnlyMemory<float> input, ReadOnlyMemory<float> target, int count, Memory<float> output = default, CancellationToken cancellationToken = default);

    /// <summary>A copy of the parameters as they stand now, under their full names.</summary>
    StateDict ExportWeights();

    /// <summary>A copy of everything a continuation needs besides the weights: the optimizer's moments and step count.</summary>
    StateDict ExportOptimizerState();

    /// <summary>Puts back what <see cref="ExportWeights"/> and <see cref="ExportOptimizerState"/> gave; the next step is then the one that would have followed.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, unknown or of another shape.</exception>
    void Restore(StateDict weights, StateDict optimizerState);
}
