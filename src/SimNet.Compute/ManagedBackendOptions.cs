namespace SimNet.Compute;

/// <summary>How <see cref="ManagedBackend"/> uses the processor.</summary>
public sealed record ManagedBackendOptions
{
    /// <summary>At most this many threads compute at once in one session; 0, the default, for one per core. The results do not depend on it.</summary>
    public int MaxThreads { get; init; }

    /// <summary>
    /// Width of the vectors; <see cref="SimNet.Compute.VectorWidth.Auto"/> by default. Results of different widths differ in the last bits.
    /// A width that the processor lacks is emulated and slow.
    /// </summary>
    public VectorWidth VectorWidth { get; init; } = VectorWidth.Auto;
}
