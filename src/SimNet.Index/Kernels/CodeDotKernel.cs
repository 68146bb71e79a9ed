using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimNet.Index;

/// <summary>
/// The dot product Σab of 16-bit and 8-bit components. The arithmetic is integer, so every vector width gives the same result.
/// </summary>
/// <remarks>The caller ensures that the sum of the magnitudes is less than 2³¹.</remarks>
internal static unsafe class CodeDotKernel
{
    /// <summary>Computes with the widest vectors that the processor supports.</summary>
    /// <param name="a">The 16-bit components.</param>
    /// <param name="b">The 8-bit components.</param>
    /// <param name="length">The number of components; a multiple of <see cref="ScalarQuantizedCodes.Alignment"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compute(short* a, sbyte* b, int length)
    {
        if (VectorSupport.IntegerBits == 512)
        {
            return Compute512(a, b, length);
        }

        return VectorSupport.IntegerBits == 256 ? Compute256(a, b, length)
            : VectorSupport.IntegerBits == 128 ? Compute128(a, b, length)
            : ComputeScalar(a, b, length);
    }

    /// <summary>Computes with a given vector width.</summary>
    public static int Compute(short* a, sbyte* b, int length, VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Compute512(a, b, length),
        VectorWidth.Bits256 => Compute256(a, b, length),
        VectorWidth.Bits128 => Compute128(a, b, length),
        _ => ComputeScalar(a, b, length),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Compute512(short* a, sbyte* b, int length)
    {
        Vector512<int> sum0 = default, sum1 = default;
        for (int i = 0; i < length; i += 64)
        {
            sum0 += Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i), Avx512BW.ConvertToVector512Int16(Vector256.Load(b + i)));
            sum1 += Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i + 32), Avx512BW.ConvertToVector512Int16(Vector256.Load(b + i + 32)));
        }

        return Vector512.Sum(sum0 + sum1);
    }

    private static int Compute256(short* a, sbyte* b, int length)
    {
        Vector256<int> sum0 = default, sum1 = default;
        for (int i = 0; i < length; i += 32)
        {
            sum0 += Avx2.MultiplyAddAdjacent(Vector256.Load(a + i), Avx2.ConvertToVector256Int16(Vector128.Load(b + i)));
            sum1 += Avx2.MultiplyAddAdjacent(Vector256.Load(a + i + 16), Avx2.ConvertToVector256Int16(Vector128.Load(b + i + 16)));
        }

        return Vector256.Sum(sum0 + sum1);
    }

    private static int Compute128(short* a, sbyte* b, int length)
    {
        Vector128<int> sum = default;
        for (int i = 0; i < length; i += 16)
        {
            Vector128<sbyte> code = Vector128.Load(b + i);
            sum += Products(Vector128.Load(a + i), Vector128.WidenLower(code))
                + Products(Vector128.Load(a + i + 8), Vector128.WidenUpper(code));
        }

        return Vector128.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(a, b);
        }

        return (Vector128.WidenLower(a) * Vector128.WidenLower(b)) + (Vector128.WidenUpper(a) * Vector128.WidenUpper(b));
    }

    private static int ComputeScalar(short* a, sbyte* b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
