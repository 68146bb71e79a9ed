using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>Computes sums[i] += weight row[i] in 32-bit integers; every vector width gives the same values.</summary>
internal static class WeightedRowSum
{
    /// <summary>Adds with the widest vectors of the machine.</summary>
    public static void Add(ReadOnlySpan<byte> row, int weight, Span<int> sums) =>
        Add(row, weight, sums, VectorSupport.Bits);

    /// <summary>Adds with vectors of at most <paramref name="vectorBits"/> bits: 512, 256, 128, or 0 for scalar code.</summary>
    public static void Add(ReadOnlySpan<byte> row, int weight, Span<int> sums, int vectorBits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sums.Length, row.Length);
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref int to = ref MemoryMarshal.GetReference(sums);
        int i = 0;
        if (vectorBits >= 512)
        {
            for (var factor = Vector512.Create(weight); i <= row.Length - Vector512<byte>.Count; i += Vector512<byte>.Count)
            {
                (Vector512<ushort> low, Vector512<ushort> high) = Vector512.Widen(Vector512.LoadUnsafe(ref from, (nuint)i));
                AddTo(ref Unsafe.Add(ref to, i), low, factor);
                AddTo(ref Unsafe.Add(ref to, i + 32), high, factor);
            }
        }

        if (vectorBits >= 256)
        {
            for (var factor = Vector256.Create(weight); i <= row.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, (nuint)i));
                AddTo(ref Unsafe.Add(ref to, i), low, factor);
                AddTo(ref Unsafe.Add(ref to, i + 16), high, factor);
            }
        }

        if (vectorBits >= 128)
        {
            for (var factor = Vector128.Create(weight); i <= row.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)i));
                AddTo(ref Unsafe.Add(ref to, i), low, factor);
                AddTo(ref Unsafe.Add(ref to, i + 8), high, factor);
            }
        }

        for (; i < row.Length; i++)
        {
            sums[i] += weight * row[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref int sums, Vector512<ushort> values, Vector512<int> factor)
    {
        (Vector512<uint> low, Vector512<uint> high) = Vector512.Widen(values);
        (Vector512.LoadUnsafe(ref sums) + (low.AsInt32() * factor)).StoreUnsafe(ref sums);
        (Vector512.LoadUnsafe(ref sums, 16) + (high.AsInt32() * factor)).StoreUnsafe(ref sums, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref int sums, Vector256<ushort> values, Vector256<int> factor)
    {
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(values);
        (Vector256.LoadUnsafe(ref sums) + (low.AsInt32() * factor)).StoreUnsafe(ref sums);
        (Vector256.LoadUnsafe(ref sums, 8) + (high.AsInt32() * factor)).StoreUnsafe(ref sums, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref int sums, Vector128<ushort> values, Vector128<int> factor)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values);
        (Vector128.LoadUnsafe(ref sums) + (low.AsInt32() * factor)).StoreUnsafe(ref sums);
        (Vector128.LoadUnsafe(ref sums, 4) + (high.AsInt32() * factor)).StoreUnsafe(ref sums, 4);
    }
}
