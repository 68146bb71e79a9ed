using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Embeddings;

/// <summary>
/// Draws normally distributed numbers fast enough for every pixel of every epoch: each 16 bits of a random 64-bit word select one of
/// 65,536 quantiles. The quantiles are the medians of 65,536 equally likely intervals, scaled to variance 1; the largest is 4.17.
/// </summary>
internal static class GaussianNoise
{
    private const int Count = 1 << 16;
    private static readonly float[] Quantiles = CreateQuantiles();

    /// <summary>Fills a span with independent numbers of mean 0 and variance 1.</summary>
    public static void Fill(ref SeededRandom random, Span<float> destination)
    {
        SeededRandom local = random;
        ref float quantiles = ref MemoryMarshal.GetArrayDataReference(Quantiles);
        int i = 0;
        for (; i <= destination.Length - 4; i += 4)
        {
            ulong bits = local.NextUInt64();
            destination[i] = Unsafe.Add(ref quantiles, (nuint)(ushort)bits);
            destination[i + 1] = Unsafe.Add(ref quantiles, (nuint)(ushort)(bits >> 16));
            destination[i + 2] = Unsafe.Add(ref quantiles, (nuint)(ushort)(bits >> 32));
            destination[i + 3] = Unsafe.Add(ref quantiles, (nuint)(ushort)(bits >> 48));
        }

        if (i < destination.Length)
        {
            for (ulong bits = local.NextUInt64(); i < destination.Length; i++, bits >>= 16)
            {
                destination[i] = Quantiles[(ushort)bits];
            }
        }

        random = local;
    }

    /// <summary>
    /// Solves Φ(x) = p by Newton's method, x := x - (Φ(x) - p) / φ(x), from the median outward. Each quantile starts at the previous
    /// one.
    /// </summary>
    private static float[] CreateQuantiles()
    {
        double[] upper = new double[Count / 2];
        double x = 0, squares = 0;
        for (int i = 0; i < upper.Length; i++)
        {
            double aboveHalf = (i + 0.5) / Count;
            for (int step = 0; step < 4; step++)
            {
                double density = Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
                double change = ((density * Series(x)) - aboveHalf) / density;
                x -= change;
                if (Math.Abs(change) < 1e-9)
                {
                    break;
                }
            }

            upper[i] = x;
            squares += x * x;
        }

        double scale = 1 / Math.Sqrt(squares / upper.Length);
        float[] quantiles = new float[Count];
        for (int i = 0; i < upper.Length; i++)
        {
            quantiles[upper.Length + i] = (float)(upper[i] * scale);
            quantiles[upper.Length - 1 - i] = -quantiles[upper.Length + i];
        }

        return quantiles;
    }

    /// <summary>
    /// (Φ(x) - 1/2) / φ(x) = x + x³/3 + x⁵/15 + x⁷/105 + ... (Marsaglia, "Evaluating the normal distribution", 2004).
    /// </summary>
    private static double Series(double x)
    {
        double sum = x, term = x;
        for (int i = 3; term > sum * 1e-17; i += 2)
        {
            term *= x * x / i;
            sum += term;
        }

        return sum;
    }
}
