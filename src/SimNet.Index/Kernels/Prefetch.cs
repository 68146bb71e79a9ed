using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SimNet.Index;

/// <summary>Prefetches memory into the caches where the processor supports it.</summary>
internal static unsafe class Prefetch
{
    private const int CacheLine = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(void* start, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int offset = 0; offset < bytes; offset += CacheLine)
            {
                Sse.Prefetch0((byte*)start + offset);
            }
        }
    }
}
