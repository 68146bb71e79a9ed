namespace SimNet.Models;

/// <summary>
/// Draws normally distributed numbers using only comparisons of uniform ones. Logarithms and cosines, whose last bits differ between
/// platforms, are not needed.
/// </summary>
/// <remarks>
/// Karney, "Sampling exactly from the normal distribution" (2016), algorithm N, with 53-bit uniform numbers instead of digits generated
/// on demand:
/// <code>
/// N1  k := number of consecutive successes of H, each with probability exp(-1/2)
/// N2  go to N1 unless k (k - 1) trials of H all succeed            -- exp(-k (k - 1) / 2)
/// N3  x := uniform in (0, 1)
/// N4  go to N1 unless k + 1 trials of B all succeed                -- exp(-x (2k + x) / 2)
/// N5  return k + x, with a random sign
/// </code>
/// H and B use von Neumann's method: a decreasing run of uniform numbers below p has even length with probability exp(-p).
/// Each trial of N4 has probability exp(-x (2k + x) / (2k + 2)).
/// </remarks>
internal static class NormalSampler
{
    /// <summary>Draws a number with mean 0 and variance 1.</summary>
    public static double Sample(ref SeededRandom random)
    {
        while (true)
        {
            int k = 0;
            while (Bernoulli(0.5, ref random))
            {
                k++;
            }

            if (!AllSucceed(k * (k - 1), 0.5, ref random))
            {
                continue;
            }

            double x = random.NextDouble();
            if (AllSucceed(k + 1, x * (2 * k + x) / (2 * k + 2), ref random))
            {
                return (random.NextUInt64() >> 63) == 0 ? k + x : -(k + x);
            }
        }
    }

    private static bool AllSucceed(int trials, double p, ref SeededRandom random)
    {
        for (int i = 0; i < trials; i++)
        {
            if (!Bernoulli(p, ref random))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns true with probability exp(-p), for p from 0 to 1.</summary>
    private static bool Bernoulli(double p, ref SeededRandom random)
    {
        bool even = true;
        double last = p, next;
        while ((next = random.NextDouble()) < last)
        {
            last = next;
            even = !even;
        }

        return even;
    }
}
