namespace SimNet.Models;

/// <summary>A back end that can also train networks. Implementations are thread-safe.</summary>
public interface ITrainingBackend : IInferenceBackend
{
    /// <summary>Prepares a network for training. The loss compares the output of the last layer with the target.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All parameters of the network, by full name. The session copies them and does not write to them.</param>
    /// <param name="options">The loss, the optimizer, and other settings.</param>
    /// <returns>The session. Dispose it to release its memory.</returns>
    /// <exception cref="ArgumentException">A parameter is missing or has the wrong shape, or an option is out of range.</exception>
    ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options);
}
