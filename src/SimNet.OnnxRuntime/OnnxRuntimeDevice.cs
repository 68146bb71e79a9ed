namespace SimNet.OnnxRuntime;

/// <summary>What <see cref="OnnxRuntimeBackend"/> computes on.</summary>
public enum OnnxRuntimeDevice
{
    /// <summary>A CUDA GPU where ONNX Runtime finds one that it can use, else the CPU; the log says which, and why.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>A CUDA GPU, or nothing.</summary>
    Cuda,
}
