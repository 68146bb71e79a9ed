namespace SimNet.TorchSharp;

/// <summary>What <see cref="TorchSharpBackend"/> computes on.</summary>
public enum TorchSharpDevice
{
    /// <summary>A CUDA GPU where TorchSharp finds one, else the CPU; the log says which.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>A CUDA GPU, or nothing.</summary>
    Cuda,
}
