using SimNet.Models;

namespace SimNet.TorchSharp;

/// <summary>The device and the precision of <see cref="TorchSharpBackend"/>.</summary>
public sealed record TorchSharpBackendOptions
{
    /// <summary>The kind of device; <see cref="ComputeDevice.Auto"/> by default.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>The index of the GPU, from 0, the default. Has no effect on the CPU.</summary>
    public int GpuNumber { get; init; }

    /// <summary>
    /// Whether convolutions compute in half precision: float16 on CUDA, bfloat16 on the CPU. Weights, statistics, losses and the optimizer
    /// use float32, and the loss is scaled so that small gradients do not underflow (Micikevicius et al., "Mixed Precision Training",
    /// 2018). False by default.
    /// </summary>
    public bool MixedPrecision { get; init; }

    /// <summary>
    /// The number of CPU threads of TorchSharp, which is a setting of the whole process. 0, the default, leaves it unchanged, initially one
    /// per core.
    /// </summary>
    public int MaxThreads { get; init; }
}
