namespace SimNet.Compute;

/// <summary>How <see cref="ManagedBackend"/> uses the processor.</summary>
public sealed record ManagedBackendOptions
{
    /// <summary>The maximum number of threads in one session; 0, the default, means one per core. Results do not depend on it.</summary>
    public int MaxThreads { get; init; }

    /// <summary>
    /// The vector width; <see cref="SimNet.Compute.VectorWidth.Auto"/> by default. Results of different widths differ in the last bits. A
    /// width that the processor does not support is emulated, which is slow.
    /// </summary>
    public VectorWidth VectorWidth { get; init; } = VectorWidth.Auto;
}
