using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Benchmarks;

/// <summary>What one core of this machine can do: fused multiply-adds in registers and nothing else.</summary>
internal static class ArithmeticLimit
{
    private const int Steps = 20_000_000;
    private const int Accumulators = 12;

    /// <summary>The best of five rounds on the calling thread, in float32 operations a second; a multiply-add is two.</summary>
    public static double Measure()
    {
        double best = 0;
        for (int round = 0; round < 5; round++)
        {
            long start = Stopwatch.GetTimestamp();
            int lanes = Vector512.IsHardwareAccelerated ? Run512() : Run256();
            best = Math.Max(best, 2.0 * Steps * Accumulators * lanes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    // Twelve sums that do not wait for one another: more than any core's multiply-adds under way.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run512()
    {
        Vector512<float> b = Vector512.Create(0.999f), c = Vector512.Create(0.1f);
        Vector512<float> s0 = c, s1 = c, s2 = c, s3 = c, s4 = c, s5 = c, s6 = c, s7 = c, s8 = c, s9 = c, s10 = c, s11 = c;
        for (int i = 0; i < Steps; i++)
        {
            s0 = Vector512.FusedMultiplyAdd(s0, b, c);
            s1 = Vector512.FusedMultiplyAdd(s1, b, c);
            s2 = Vector512.FusedMultiplyAdd(s2, b, c);
            s3 = Vector512.FusedMultiplyAdd(s3, b, c);
            s4 = Vector512.FusedMultiplyAdd(s4, b, c);
            s5 = Vector512.FusedMultiplyAdd(s5, b, c);
            s6 = Vector512.FusedMultiplyAdd(s6, b, c);
            s7 = Vector512.FusedMultiplyAdd(s7, b, c);
            s8 = Vector512.FusedMultiplyAdd(s8, b, c);
            s9 = Vector512.FusedMultiplyAdd(s9, b, c);
            s10 = Vector512.FusedMultiplyAdd(s10, b, c);
            s11 = Vector512.FusedMultiplyAdd(s11, b, c);
        }

        Use(Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11));
        return Vector512<float>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run256()
    {
        Vector256<float> b = Vector256.Create(0.999f), c = Vector256.Create(0.1f);
        Vector256<float> s0 = c, s1 = c, s2 = c, s3 = c, s4 = c, s5 = c, s6 = c, s7 = c, s8 = c, s9 = c, s10 = c, s11 = c;
        for (int i = 0; i < Steps; i++)
        {
            s0 = Vector256.FusedMultiplyAdd(s0, b, c);
            s1 = Vector256.FusedMultiplyAdd(s1, b, c);
            s2 = Vector256.FusedMultiplyAdd(s2, b, c);
            s3 = Vector256.FusedMultiplyAdd(s3, b, c);
            s4 = Vector256.FusedMultiplyAdd(s4, b, c);
            s5 = Vector256.FusedMultiplyAdd(s5, b, c);
            s6 = Vector256.FusedMultiplyAdd(s6, b, c);
            s7 = Vector256.FusedMultiplyAdd(s7, b, c);
            s8 = Vector256.FusedMultiplyAdd(s8, b, c);
            s9 = Vector256.FusedMultiplyAdd(s9, b, c);
            s10 = Vector256.FusedMultiplyAdd(s10, b, c);
            s11 = Vector256.FusedMultiplyAdd(s11, b, c);
        }

        Use(Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11));
        return Vector256<float>.Count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(float sum)
    {
        if (!float.IsFinite(sum))
        {
            throw new InvalidOperationException($"The sum is {sum}; expected a number.");
        }
    }
}
