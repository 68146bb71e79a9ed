namespace SimNet.Models;

/// <summary>
/// Runs networks: an interpreter of <see cref="Network"/> data. <c>ManagedBackend</c> is the default;
/// other packages bring others. Thread-safe.
/// </summary>
public interface IComputeBackend
{
    /// <summary>A short name for logs and reports, such as <c>managed</c>.</summary>
    string Name { get; }

    /// <summary>Prepares a network for inference; batch norm uses its running statistics.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters, under their full names.</param>
    /// <param name="outputs">Names of the layers whose outputs are wanted, in the order in which <see cref="IInferenceSession.Run"/> gives them. Layers that none of them needs are not run.</param>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape, or an output is not a layer of the network.</exception>
    IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs);

    /// <summary>Prepares a network for training; the last layer's output is compared with the target.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters; copied, never written to.</param>
    /// <param name="options">Loss and optimizer.</param>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape.</exception>
    ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options);
}
