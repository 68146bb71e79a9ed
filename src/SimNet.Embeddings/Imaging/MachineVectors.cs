using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>The vector width of this machine.</summary>
internal static class MachineVectors
{
    /// <summary>Gets the bits of the widest vectors worth using: 512, 256 or 128; 0 if there are none.</summary>
    public static int Widest => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;
}
