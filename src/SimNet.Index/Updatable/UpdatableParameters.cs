using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What is around the built index in the file of an <see cref="UpdatableIndex"/>, as it lies there: 16 bytes.</summary>
/// <param name="Kind">The <see cref="IndexKind"/> of the built index.</param>
/// <param name="FirstAddedId">The number of the first vector added.</param>
/// <param name="AddedCount">How many were added, removed ones included.</param>
/// <param name="Reserved">0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
internal readonly record struct UpdatableParameters(int Kind, int FirstAddedId, int AddedCount, int Reserved);
