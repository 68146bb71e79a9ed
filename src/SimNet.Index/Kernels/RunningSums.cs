using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>Accumulates the <typeparamref name="TTerm"/> of each pair of components of two vectors.</summary>
/// <remarks>
/// Lengths are multiples of <see cref="VectorRows.Alignment"/> (16), so no width has a remainder. Every width adds in the same order: 64
/// accumulators (component i goes to accumulator i mod 64, with fused multiply-add), folded in halves. All widths therefore give the same
/// bits, and an index gives the same results on every processor.
/// </remarks>
internal static unsafe class RunningSums<TTerm>
    where TTerm : struct, ITerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* a, float* b, int length)
    {
        // The conditions are constants to the compiler: one call remains.
        if (VectorSupport.Bits == 512)
        {
            return Compute512(a, b, length);
        }

        if (VectorSupport.Bits == 256)
        {
            return Compute256(a, b, length);
        }

        return VectorSupport.Bits == 128 ? Compute128(a, b, length) : ComputeScalar(a, b, length);
    }

    public static float Compute(float* a, float* b, int length, VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Compute512(a, b, length),
        VectorWidth.Bits256 => Compute256(a, b, length),
        VectorWidth.Bits128 => Compute128(a, b, length),
        _ => ComputeScalar(a, b, length),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Compute512(float* a, float* b, int length)
    {
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        float* end = a + (length & ~63);
        for (; a < end; a += 64, b += 64)
        {
            sum0 = TTerm.Add(sum0, Vector512.Load(a), Vector512.Load(b));
            sum1 = TTerm.Add(sum1, Vector512.Load(a + 16), Vector512.Load(b + 16));
            sum2 = TTerm.Add(sum2, Vector512.Load(a + 32), Vector512.Load(b + 32));
            sum3 = TTerm.Add(sum3, Vector512.Load(a + 48), Vector512.Load(b + 48));
        }

        int rest = length & 63;
        if (rest >= 16)
        {
            sum0 = TTerm.Add(sum0, Vector512.Load(a), Vector512.Load(b));
        }

        if (rest >= 32)
        {
            sum1 = TTerm.Add(sum1, Vector512.Load(a + 16), Vector512.Load(b + 16));
        }

        if (rest >= 48)
        {
            sum2 = TTerm.Add(sum2, Vector512.Load(a + 32), Vector512.Load(b + 32));
        }

        Vector512<float> sum = (sum0 + sum1) + (sum2 + sum3);
        Vector256<float> half = sum.GetLower() + sum.GetUpper();
        return Fold(half.GetLower() + half.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Compute256(float* a, float* b, int length)
    {
        // Half of each group of 16 components at a time; the second pass reads from the L1 cache.
        Vector256<float> half = Compute256Half(a, b, length) + Compute256Half(a + 8, b + 8, length);
        return Fold(half.GetLower() + half.GetUpper());
    }

    private static Vector256<float> Compute256Half(float* a, float* b, int length)
    {
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        float* end = a + (length & ~63);
        for (; a < end; a += 64, b += 64)
        {
            sum0 = TTerm.Add(sum0, Vector256.Load(a), Vector256.Load(b));
            sum1 = TTerm.Add(sum1, Vector256.Load(a + 16), Vector256.Load(b + 16));
            sum2 = TTerm.Add(sum2, Vector256.Load(a + 32), Vector256.Load(b + 32));
            sum3 = TTerm.Add(sum3, Vector256.Load(a + 48), Vector256.Load(b + 48));
        }

        int rest = length & 63;
        if (rest >= 16)
        {
            sum0 = TTerm.Add(sum0, Vector256.Load(a), Vector256.Load(b));
        }

        if (rest >= 32)
        {
            sum1 = TTerm.Add(sum1, Vector256.Load(a + 16), Vector256.Load(b + 16));
        }

        if (rest >= 48)
        {
            sum2 = TTerm.Add(sum2, Vector256.Load(a + 32), Vector256.Load(b + 32));
        }

        return (sum0 + sum1) + (sum2 + sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Compute128(float* a, float* b, int length)
    {
        Vector128<float> even = Compute128Quarter(a, b, length) + Compute128Quarter(a + 8, b + 8, length);
        Vector128<float> odd = Compute128Quarter(a + 4, b + 4, length) + Compute128Quarter(a + 12, b + 12, length);
        return Fold(even + odd);
    }

    private static Vector128<float> Compute128Quarter(float* a, float* b, int length)
    {
        Vector128<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        float* end = a + (length & ~63);
        for (; a < end; a += 64, b += 64)
        {
            sum0 = TTerm.Add(sum0, Vector128.Load(a), Vector128.Load(b));
            sum1 = TTerm.Add(sum1, Vector128.Load(a + 16), Vector128.Load(b + 16));
            sum2 = TTerm.Add(sum2, Vector128.Load(a + 32), Vector128.Load(b + 32));
            sum3 = TTerm.Add(sum3, Vector128.Load(a + 48), Vector128.Load(b + 48));
        }

        int rest = length & 63;
        if (rest >= 16)
        {
            sum0 = TTerm.Add(sum0, Vector128.Load(a), Vector128.Load(b));
        }

        if (rest >= 32)
        {
            sum1 = TTerm.Add(sum1, Vector128.Load(a + 16), Vector128.Load(b + 16));
        }

        if (rest >= 48)
        {
            sum2 = TTerm.Add(sum2, Vector128.Load(a + 32), Vector128.Load(b + 32));
        }

        return (sum0 + sum1) + (sum2 + sum3);
    }

    private static float ComputeScalar(float* a, float* b, int length)
    {
        float* sums = stackalloc float[64];
        new Span<float>(sums, 64).Clear();
        for (int i = 0; i < length; i++)
        {
            sums[i & 63] = TTerm.Add(sums[i & 63], a[i], b[i]);
        }

        for (int i = 0; i < 16; i++)
        {
            sums[i] = (sums[i] + sums[i + 16]) + (sums[i + 32] + sums[i + 48]);
        }

        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                sums[i] += sums[i + half];
            }
        }

        return sums[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Fold(Vector128<float> sum) => (sum[0] + sum[2]) + (sum[1] + sum[3]);
}
