namespace SimNet.Models;

/// <summary>What a back end with native libraries computes on.</summary>
public enum ComputeDevice
{
    /// <summary>A CUDA GPU where there is one that can be used, else the CPU; the back end's log says which, and why.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>A CUDA GPU, or nothing.</summary>
    Cuda,
}
