using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// Asks Linux for pages of 2 MiB instead of 4 KiB: a walk through a graph jumps from row to row, and with small pages looking up where a row
/// lies takes as long as reading it. Without them everything works, slower.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Blocks from this size on are worth it, and should start at a multiple of <see cref="Size"/>.</summary>
    public const long WorthwhileBytes = 2 * Size;

    public const int Size = 1 << 21;

    private const int MadviseHugePage = 14;

    /// <summary>Advice, to be given before the block is first written to; the system may ignore it.</summary>
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
            // A system without the call.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MAdvise(void* start, nuint length, int advice);
}
