using SimNet.Models;

namespace SimNet.TorchSharp;

/// <summary>Where <see cref="TorchSharpBackend"/> computes, and how exactly.</summary>
public sealed record TorchSharpBackendOptions
{
    /// <summary>The kind of device; <see cref="ComputeDevice.Auto"/> by default.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>Which of several GPUs, from 0, the default. Without effect on the CPU.</summary>
    public int GpuNumber { get; init; }

    /// <summary>
    /// Whether convolutions compute in half precision: float16 on CUDA, bfloat16 on the CPU. Weights, statistics, losses and the
    /// optimizer stay in float32, and the loss is scaled so that small gradients are not lost (Micikevicius et al., 2018). False by default.
    /// </summary>
    public bool MixedPrecision { get; init; }

    /// <summary>
    /// Threads that compute on the CPU, in the whole process: TorchSharp has one number for all. 0, the default, leaves it as it is,
    /// at first one per core.
    /// </summary>
    public int MaxThreads { get; init; }
}
