using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>How <see cref="OnnxRuntimeBackend"/> runs networks.</summary>
public sealed record OnnxRuntimeBackendOptions
{
    /// <summary>What to compute on; a GPU where there is one by default.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Number of the GPU, from 0, the default. Without effect on the CPU.</summary>
    public int GpuNumber { get; init; }

    /// <summary>Threads that share the work of one call on the CPU; 0, the default, for one per core.</summary>
    public int MaxThreads { get; init; }

    /// <summary>Samples run together at most; a call with more is run in parts. 64 by default, at least 1. Bounds the memory that is taken on a GPU.</summary>
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>Whether a session runs a sample of zeros before it is handed out, so that the first call finds memory and kernels ready; true by default.</summary>
    public bool WarmUp { get; init; } = true;
}
