using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// Requests memory pages of 2 MiB instead of 4 KiB on Linux. A graph search jumps from row to row; with small pages, the address
/// translation (TLB misses) takes as long as reading the row. Without huge pages everything works, but slower.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>
    /// The minimum size in bytes of a block for which huge pages pay off. Such a block should be aligned to <see cref="Size"/>.
    /// </summary>
    public const long WorthwhileBytes = 2 * Size;

    public const int Size = 1 << 21;

    private const int MadviseHugePage = 14;

    /// <summary>Advises the operating system, which may ignore the advice. To be called before the block is first written to.</summary>
    public static void Request(void* start, long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = MAdvise(start, (nuint)bytes, MadviseHugePage);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // The system does not have the call.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MAdvise(void* start, nuint length, int advice);
}
