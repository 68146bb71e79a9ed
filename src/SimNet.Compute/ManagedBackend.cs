namespace SimNet.Compute;

/// <summary>
/// Trains and infers in managed code with the processor's vector instructions; needs no native library. Uses up to 32 threads, in
/// training at most one for each sample of a batch. Supports every kind of <see cref="Layer"/>.
/// </summary>
/// <remarks>
/// Computes in single precision; batch norm statistics and losses are summed in double precision. Results are bitwise identical at any
/// number of threads. Between vector widths they differ by rounding, about 1e-5 relative to the largest value.
/// </remarks>
public sealed class ManagedBackend : ITrainingBackend
{
    private readonly KernelSet _kernels;
    private readonly int _threads;

    /// <summary>Creates a back end with the given options.</summary>
    /// <param name="options">Threads and vector width; null for all cores and the widest vectors.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ManagedBackend(ManagedBackendOptions? options = null)
    {
        options ??= new ManagedBackendOptions();
        if (options.MaxThreads < 0)
        {
            throw new ArgumentException(
                $"{nameof(options.MaxThreads)} is {options.MaxThreads}; expected 0 (all cores) or more.", nameof(options));
        }

        if (!Enum.IsDefined(options.VectorWidth))
        {
            throw new ArgumentException(
                $"{nameof(options.VectorWidth)} is {options.VectorWidth}; expected a defined value.", nameof(options));
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
        return CheckSize(network, () => new ManagedInferenceSession(network, weights, outputs, _kernels, _threads));
    }

    /// <inheritdoc/>
    public ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(network);
        return CheckSize(network, () => new ManagedTrainingSession(network, weights, options, _kernels, _threads));
    }

    /// <summary>Reports arithmetic overflow as a network that is too large: offsets into feature maps are 32-bit integers.</summary>
    private static T CheckSize<T>(Network network, Func<T> create)
    {
        try
        {
            return create();
        }
        catch (OverflowException exception)
        {
            throw new ArgumentException(
                $"Network '{network.Name}' has a feature map of more than 2^31 values, including padding.", nameof(network), exception);
        }
    }
}
