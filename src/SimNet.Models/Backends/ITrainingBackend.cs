namespace SimNet.Models;

/// <summary>A back end that trains networks as well as running them. Implementations are thread-safe.</summary>
public interface ITrainingBackend : IInferenceBackend
{
    /// <summary>Prepares a network for training; the loss compares the last layer's output with the target.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters, under their full names; the session copies them and never writes to them.</param>
    /// <param name="options">Loss and optimizer.</param>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape, or an option is out of its range.</exception>
    ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options);
}
