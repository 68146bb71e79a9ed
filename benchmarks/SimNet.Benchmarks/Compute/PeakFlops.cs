using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>The arithmetic limit of one core of this machine: fused multiply-adds in registers and nothing else.</summary>
internal static class PeakFlops
{
    private const int Steps = 20_000_000;
    private const int Accumulators = 12;

    /// <summary>The best of five rounds on the calling thread, in float32 operations per second; a multiply-add is two.</summary>
    public static unsafe double Measure()
    {
        double best = 0;
        float* sums = stackalloc float[Vector512<float>.Count];
        for (int round = 0; round < 5; round++)
        {
            long start = Stopwatch.GetTimestamp();
            int lanes = Vector512.IsHardwareAccelerated ? Run<Simd512, Vector512<float>>(sums)
                : Vector256.IsHardwareAccelerated ? Run<Simd256, Vector256<float>>(sums)
                : Run<Simd128, Vector128<float>>(sums);
            best = Math.Max(best, 2.0 * Steps * Accumulators * lanes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    // Twelve independent sums: more than any core has multiply-adds in flight.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe int Run<TSimd, TVector>(float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector b = TSimd.Create(0.999f), c = TSimd.Create(0.1f);
        TVector s0 = c, s1 = c, s2 = c, s3 = c, s4 = c, s5 = c, s6 = c, s7 = c, s8 = c, s9 = c, s10 = c, s11 = c;
        for (int i = 0; i < Steps; i++)
        {
            s0 = TSimd.MultiplyAdd(s0, b, c);
            s1 = TSimd.MultiplyAdd(s1, b, c);
            s2 = TSimd.MultiplyAdd(s2, b, c);
            s3 = TSimd.MultiplyAdd(s3, b, c);
            s4 = TSimd.MultiplyAdd(s4, b, c);
            s5 = TSimd.MultiplyAdd(s5, b, c);
            s6 = TSimd.MultiplyAdd(s6, b, c);
            s7 = TSimd.MultiplyAdd(s7, b, c);
            s8 = TSimd.MultiplyAdd(s8, b, c);
            s9 = TSimd.MultiplyAdd(s9, b, c);
            s10 = TSimd.MultiplyAdd(s10, b, c);
            s11 = TSimd.MultiplyAdd(s11, b, c);
        }

        // Stored, so that the compiler removes none of it as unused.
        TVector first = TSimd.Add(TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3)), TSimd.Add(s4, s5));
        TVector second = TSimd.Add(TSimd.Add(TSimd.Add(s6, s7), TSimd.Add(s8, s9)), TSimd.Add(s10, s11));
        TSimd.Store(TSimd.Add(first, second), sums);
        return TSimd.Count;
    }
}
