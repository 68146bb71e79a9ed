namespace SimNet.Models;

/// <summary>The device that a back end with native libraries computes on.</summary>
public enum ComputeDevice
{
    /// <summary>A CUDA GPU if a usable one is present; otherwise, the CPU. The back end logs its choice and the reason.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>A CUDA GPU; creating the back end fails if none is usable.</summary>
    Cuda,
}
