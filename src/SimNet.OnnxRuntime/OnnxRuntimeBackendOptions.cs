using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>Options of <see cref="OnnxRuntimeBackend"/>.</summary>
public sealed record OnnxRuntimeBackendOptions
{
    /// <summary>The device to use; <see cref="ComputeDevice.Auto"/> by default.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>The index of the GPU to use; 0 by default. Ignored on the CPU.</summary>
    public int GpuNumber { get; init; }

    /// <summary>The number of threads that one call uses on the CPU; 0, the default, for one per core.</summary>
    public int MaxThreads { get; init; }

    /// <summary>
    /// The largest number of samples to run at once; 64 by default. At least 1. A call with more samples runs in several batches, which
    /// limits the memory it needs on a GPU.
    /// </summary>
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>
    /// Whether a new session runs a sample of zeros, so that the first call does not pay for allocating memory and loading kernels; true by
    /// default.
    /// </summary>
    public bool WarmUp { get; init; } = true;
}
