using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimNet;

/// <summary>The widest vectors that kernels compute with on this machine: 512, 256 or 128 bits, or 0 where there are none.</summary>
/// <remarks>
/// Constants to the compiler: the JIT takes them from the processor, NativeAOT from the instruction sets that the program is compiled for
/// (NativeAot.targets).
/// </remarks>
internal static class VectorSupport
{
    /// <summary>For floating point.</summary>
    public static int Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;
    }

    /// <summary>
    /// For integers: 512 also on processors whose clock falls under 512-bit floating point, where
    /// <see cref="Vector512.IsHardwareAccelerated"/> is false.
    /// </summary>
    public static int IntegerBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512BW.IsSupported ? 512
            : Avx2.IsSupported ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;
    }
}
