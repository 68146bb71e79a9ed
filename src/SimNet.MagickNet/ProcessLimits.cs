using ImageMagick;

namespace SimNet.MagickNet;

/// <summary>ImageMagick's limits, which hold for the whole process. They are lowered only: the application may have lower ones.</summary>
internal static class ProcessLimits
{
    /// <summary>The largest embedded profile in bytes. Profiles of printers are the largest, of a few megabytes.</summary>
    private const ulong MaxProfileSize = 16 << 20;

    private static readonly Lazy<bool> s_applied = new(() =>
    {
        ulong memory = (ulong)Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
        ResourceLimits.Memory = Math.Min(ResourceLimits.Memory, memory);
        ResourceLimits.MaxMemoryRequest = Math.Min(ResourceLimits.MaxMemoryRequest, memory);
        ResourceLimits.MaxProfileSize = Math.Min(ResourceLimits.MaxProfileSize, MaxProfileSize);

        // What exceeds the memory would go on in files, slowly; this makes it an error.
        ResourceLimits.Disk = 0;
        ResourceLimits.Thread = 1;
        return true;
    });

    /// <summary>Sets the limits, the first time.</summary>
    public static void Apply() => _ = s_applied.Value;
}
