using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>How wide vectors are on this machine.</summary>
internal static class MachineVectors
{
    /// <summary>Bits of the widest vectors that pay: 512, 256 or 128; 0 if there are none.</summary>
    public static int Widest => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;
}
