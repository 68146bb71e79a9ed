using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The parameters of an <see cref="UpdatableIndex"/> as stored in a file: 16 bytes.</summary>
/// <param name="Kind">The <see cref="IndexKind"/> of the built index.</param>
/// <param name="FirstAddedId">The ID of the first added vector.</param>
/// <param name="AddedCount">The number of added vectors, including removed ones.</param>
/// <param name="Reserved">0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
internal readonly record struct UpdatableParameters(int Kind, int FirstAddedId, int AddedCount, int Reserved);
