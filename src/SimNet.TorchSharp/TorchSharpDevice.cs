namespace SimNet.TorchSharp;

/// <summary>Where <see cref="TorchSharpBackend"/> computes.</summary>
public enum TorchSharpDevice
{
    /// <summary>On CUDA where there is a device, otherwise on the processor; the log says which.</summary>
    Auto,

    /// <summary>On the processor.</summary>
    Cpu,

    /// <summary>On an NVIDIA device; an error where there is none.</summary>
    Cuda,
}
