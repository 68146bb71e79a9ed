using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What a forest was grown with, as it lies in the file: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
internal readonly record struct ForestParameters(int Trees, int LeafSize, long Seed);
