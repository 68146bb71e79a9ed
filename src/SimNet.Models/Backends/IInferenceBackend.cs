namespace SimNet.Models;

/// <summary>
/// Runs networks described by <see cref="Network"/>. The managed back end in SimNet.Compute is the default; other packages provide
/// others. Implementations are thread-safe.
/// </summary>
/// <seealso cref="ITrainingBackend"/>
public interface IInferenceBackend
{
    /// <summary>A short name for logs and reports, such as <c>managed</c>.</summary>
    string Name { get; }

    /// <summary>Prepares a network for inference. Batch norm uses its running statistics.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All parameters of the network, by full name.</param>
    /// <param name="outputs">
    /// Names of the layers whose outputs to compute, in the order in which <see cref="IInferenceSession.Run"/> returns them. Layers that
    /// no output depends on do not run.
    /// </param>
    /// <returns>The session. Dispose it to release its memory.</returns>
    /// <exception cref="ArgumentException">
    /// A parameter is missing or has the wrong shape, or an output is not a layer of the network.
    /// </exception>
    IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs);
}
