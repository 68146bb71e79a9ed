namespace SimNet.Compute;

/// <summary>
/// Trains and infers in managed code with the processor's vector instructions, on up to 32 cores and no more than a call has samples; nothing native to install.
/// It knows every kind of <see cref="Layer"/> that this package has.
/// </summary>
/// <remarks>
/// Computes in float32; batch norm's statistics and the loss are summed in double. Results are the same to the last bit at any number
/// of threads; between vector widths they differ by rounding (relative 1e-5 or so of the largest value).
/// </remarks>
public sealed class ManagedBackend : ITrainingBackend
{
    private readonly KernelSet _kernels;
    private readonly int _threads;

    /// <summary>A backend with these options.</summary>
    /// <param name="options">Threads and vector width; all cores and the widest vectors by default.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ManagedBackend(ManagedBackendOptions? options = null)
    {
        options ??= new ManagedBackendOptions();
        if (options.MaxThreads < 0)
        {
            throw new ArgumentException($"{nameof(options.MaxThreads)} is {options.MaxThreads}; expected 0 (all cores) or more.", nameof(options));
        }

        if (!Enum.IsDefined(options.VectorWidth))
        {
            throw new ArgumentException($"{nameof(options.VectorWidth)} is {options.VectorWidth}; expected one of the named widths.", nameof(options));
        }

        _threads = Math.Min(options.MaxThreads == 0 ? Environment.ProcessorCount : options.MaxThreads, ExecutionPlan.MaxGroups);
        _kernels = KernelSet.Create(options.VectorWidth);
    }

    /// <inheritdoc/>
    public string Name => "managed";

    /// <inheritdoc/>
    public IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(outputs);
        return Planned(network, () => new ManagedInferenceSession(network, weights, outputs, _kernels, _threads));
    }

    /// <inheritdoc/>
    public ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(network);
        return Planned(network, () => new ManagedTrainingSession(network, weights, options, _kernels, _threads));
    }

    /// <summary>Offsets into feature maps are 32 bits wide: what is larger is the network's fault.</summary>
    private static T Planned<T>(Network network, Func<T> plan)
    {
        try
        {
            return plan();
        }
        catch (OverflowException exception)
        {
            throw new ArgumentException($"Network '{network.Name}' has a feature map, with its padding, of more than 2^31 values.", nameof(network), exception);
        }
    }
}
