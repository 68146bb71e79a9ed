namespace SimNet.Models;

/// <summary>
/// Runs networks: an interpreter of <see cref="Network"/> data. The managed back end of SimNet.Compute is the default; other packages bring
/// others. Implementations are thread-safe.
/// </summary>
/// <seealso cref="ITrainingBackend"/>
public interface IInferenceBackend
{
    /// <summary>A short name for logs and reports, such as <c>managed</c>.</summary>
    string Name { get; }

    /// <summary>Prepares a network for inference; batch norm uses its running statistics.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters, under their full names.</param>
    /// <param name="outputs">
    /// Names of the layers whose outputs are wanted, in the order in which <see cref="IInferenceSession.Run"/> gives them. Layers that none
    /// of them needs do not run.
    /// </param>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape, or an output is not a layer of the network.</exception>
    IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs);
}
