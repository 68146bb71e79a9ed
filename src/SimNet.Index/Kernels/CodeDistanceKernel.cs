using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimNet.Index;

/// <summary>
/// The squared Euclidean distances Σ(q - c)² between the 16-bit code of a query and the 8-bit codes of four rows. The arithmetic is
/// integer, so every vector width gives the same result.
/// </summary>
/// <remarks>
/// Four rows share the horizontal addition of lanes, which costs as much as a hundred components of one row, and hide each other's memory
/// latency. The sum must be less than 2³¹, which <see cref="QueryCode"/> ensures.
/// </remarks>
internal static unsafe class CodeDistanceKernel
{
    /// <summary>Computes with the widest vectors that the processor supports.</summary>
    /// <param name="query">The code of the query.</param>
    /// <param name="row0">The code of the first row. Rows may be equal.</param>
    /// <param name="row1">The code of the second row.</param>
    /// <param name="row2">The code of the third row.</param>
    /// <param name="row3">The code of the fourth row.</param>
    /// <param name="length">The number of components; a multiple of <see cref="ScalarQuantizedCodes.Alignment"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Compute(short* query, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* row3, int length)
    {
        if (VectorSupport.IntegerBits == 512)
        {
            return Compute512(query, row0, row1, row2, row3, length);
        }

        return VectorSupport.IntegerBits == 256 ? Compute256(query, row0, row1, row2, row3, length)
            : VectorSupport.IntegerBits == 128 ? Compute128(query, row0, row1, row2, row3, length)
            : ComputeScalar(query, row0, row1, row2, row3, length);
    }

    /// <summary>Computes with a given vector width.</summary>
    public static Vector128<int> Compute(
        short* query, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* row3, int length, VectorWidth width) => width switch
        {
            VectorWidth.Bits512 => Compute512(query, row0, row1, row2, row3, length),
            VectorWidth.Bits256 => Compute256(query, row0, row1, row2, row3, length),
            VectorWidth.Bits128 => Compute128(query, row0, row1, row2, row3, length),
            _ => ComputeScalar(query, row0, row1, row2, row3, length),
        };

    /// <summary>Whether the processor supports the instructions for a width.</summary>
    public static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Avx512BW.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported,
        _ => true,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Compute512(short* query, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* row3, int length)
    {
        Vector512<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int i = 0; i < length; i += 32)
        {
            Vector512<short> q = Vector512.Load(query + i);
            sum0 += Squares512(q, row0 + i);
            sum1 += Squares512(q, row1 + i);
            sum2 += Squares512(q, row2 + i);
            sum3 += Squares512(q, row3 + i);
        }

        Vector512<int> pair0 = Avx512F.UnpackLow(sum0, sum1) + Avx512F.UnpackHigh(sum0, sum1);
        Vector512<int> pair1 = Avx512F.UnpackLow(sum2, sum3) + Avx512F.UnpackHigh(sum2, sum3);
        Vector512<int> sums = Avx512F.UnpackLow(pair0.AsInt64(), pair1.AsInt64()).AsInt32()
            + Avx512F.UnpackHigh(pair0.AsInt64(), pair1.AsInt64()).AsInt32();
        Vector256<int> half = sums.GetLower() + sums.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Squares512(Vector512<short> query, sbyte* row)
    {
        Vector512<short> difference = query - Avx512BW.ConvertToVector512Int16(Vector256.Load(row));
        return Avx512BW.MultiplyAddAdjacent(difference, difference);
    }

    private static Vector128<int> Compute256(short* query, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* row3, int length)
    {
        Vector256<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector256<short> q = Vector256.Load(query + i);
            sum0 += Squares256(q, row0 + i);
            sum1 += Squares256(q, row1 + i);
            sum2 += Squares256(q, row2 + i);
            sum3 += Squares256(q, row3 + i);
        }

        Vector256<int> pair0 = Avx2.UnpackLow(sum0, sum1) + Avx2.UnpackHigh(sum0, sum1);
        Vector256<int> pair1 = Avx2.UnpackLow(sum2, sum3) + Avx2.UnpackHigh(sum2, sum3);
        Vector256<int> sums = Avx2.UnpackLow(pair0.AsInt64(), pair1.AsInt64()).AsInt32()
            + Avx2.UnpackHigh(pair0.AsInt64(), pair1.AsInt64()).AsInt32();
        return sums.GetLower() + sums.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Squares256(Vector256<short> query, sbyte* row)
    {
        Vector256<short> difference = query - Avx2.ConvertToVector256Int16(Vector128.Load(row));
        return Avx2.MultiplyAddAdjacent(difference, difference);
    }

    private static Vector128<int> Compute128(short* query, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* row3, int length)
    {
        Vector128<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector128<short> low = Vector128.Load(query + i), high = Vector128.Load(query + i + 8);
            sum0 += Squares128(low, high, row0 + i);
            sum1 += Squares128(low, high, row1 + i);
            sum2 += Squares128(low, high, row2 + i);
            sum3 += Squares128(low, high, row3 + i);
        }

        return Vector128.Create(Vector128.Sum(sum0), Vector128.Sum(sum1), Vector128.Sum(sum2), Vector128.Sum(sum3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Squares128(Vector128<short> low, Vector128<short> high, sbyte* row)
    {
        Vector128<sbyte> code = Vector128.Load(row);
        return Squares128(low - Vector128.WidenLower(code)) + Squares128(high - Vector128.WidenUpper(code));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Squares128(Vector128<short> difference)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(difference, difference);
        }

        Vector128<int> low = Vector128.WidenLower(difference), high = Vector128.WidenUpper(difference);
        return (low * low) + (high * high);
    }

    private static Vector128<int> ComputeScalar(short* query, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* row3, int length) =>
        Vector128.Create(
            Scalar(query, row0, length), Scalar(query, row1, length), Scalar(query, row2, length), Scalar(query, row3, length));

    private static int Scalar(short* query, sbyte* row, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
        {
            int difference = query[i] - row[i];
            sum += difference * difference;
        }

        return sum;
    }
}
