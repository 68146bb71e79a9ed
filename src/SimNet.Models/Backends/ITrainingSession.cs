namespace SimNet.Models;

/// <summary>
/// A network in training: its weights, the optimizer state, and a method that runs one step. Not thread-safe; a step uses all cores.
/// </summary>
public interface ITrainingSession : IDisposable
{
    /// <summary>The shape of one input sample.</summary>
    Shape InputShape { get; }

    /// <summary>The shape of one output sample, which is also the shape of one target.</summary>
    Shape OutputShape { get; }

    /// <summary>Runs one optimizer step: forward pass with batch statistics, loss, backward pass, and update.</summary>
    /// <param name="input">The <paramref name="count"/> samples, NCHW.</param>
    /// <param name="target">The <paramref name="count"/> targets, NCHW.</param>
    /// <param name="count">The number of samples; at least 1.</param>
    /// <param name="learningRate">The learning rate of the step; at least 0.</param>
    /// <param name="output">Receives the outputs of the forward pass, NCHW; empty to discard them.</param>
    /// <param name="cancellationToken">
    /// Cancels the step as soon as the back end can stop; the managed back end stops after the current sample at the latest.
    /// </param>
    /// <returns>The loss before the update, averaged over the batch.</returns>
    /// <exception cref="ArgumentException">
    /// The length of a buffer does not match its shape and the count, or the learning rate is negative or not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The step was canceled. The weights, the running statistics, and the optimizer state are unchanged.
    /// </exception>
    float TrainStep(
        ReadOnlyMemory<float> input,
        ReadOnlyMemory<float> target,
        int count,
        float learningRate,
        Memory<float> output = default,
        CancellationToken cancellationToken = default);

    /// <summary>Runs the network in inference mode (running statistics) with the current weights.</summary>
    /// <param name="input">The <paramref name="count"/> samples, NCHW.</param>
    /// <param name="target">The <paramref name="count"/> targets to compute the loss against, NCHW.</param>
    /// <param name="count">The number of samples; at least 1.</param>
    /// <param name="output">Receives the outputs, NCHW; empty to discard them.</param>
    /// <param name="cancellationToken">
    /// Cancels the evaluation as soon as the back end can stop; the managed back end stops after the current sample at the latest.
    /// </param>
    /// <returns>The loss, averaged over the batch.</returns>
    /// <exception cref="ArgumentException">The length of a buffer does not match its shape and the count.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was canceled.</exception>
    float Evaluate(
        ReadOnlyMemory<float> input,
        ReadOnlyMemory<float> target,
        int count,
        Memory<float> output = default,
        CancellationToken cancellationToken = default);

    /// <summary>Copies the current parameters.</summary>
    /// <returns>All parameters of the network, by full name.</returns>
    StateDict ExportWeights();

    /// <summary>
    /// Copies the optimizer state: the moments and the step count. With the weights, it is all that training needs to resume.
    /// </summary>
    /// <returns>The state, named as <see cref="OptimizerState"/> describes.</returns>
    StateDict ExportOptimizerState();

    /// <summary>
    /// Restores the results of <see cref="ExportWeights"/> and <see cref="ExportOptimizerState"/>. Training continues as if it had not
    /// been interrupted.
    /// </summary>
    /// <param name="weights">All parameters of the network, by full name.</param>
    /// <param name="optimizerState">The optimizer state.</param>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or has the wrong shape.</exception>
    void Restore(StateDict weights, StateDict optimizerState);
}
