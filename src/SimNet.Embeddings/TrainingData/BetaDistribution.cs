namespace SimNet.Embeddings;

/// <summary>Numbers in 0 to 1 with both parameters alike: symmetric about a half, near 0 and 1 where the parameter is small.</summary>
internal static class BetaDistribution
{
    /// <summary>X / (X + Y) of two numbers from Gamma(alpha, 1).</summary>
    public static double Sample(ref SeededRandom random, double alpha)
    {
        // Logarithms, since a small alpha gives numbers too small for a double; their ratio is what counts.
        double x = LogGamma(ref random, alpha), y = LogGamma(ref random, alpha);
        return 1 / (1 + Math.Exp(y - x));
    }

    /// <summary>
    /// The logarithm of a number from Gamma(alpha, 1) (Marsaglia and Tsang, 2000):
    /// d = a - 1/3, c = 1 / sqrt(9 d); draw normal x and uniform u until v = (1 + c x)^3 > 0 and
    /// ln u &lt; x^2 / 2 + d - d v + d ln v; the number is d v.
    /// For alpha below 1 it is that for alpha + 1 times u^(1 / alpha).
    /// </summary>
    private static double LogGamma(ref SeededRandom random, double alpha)
    {
        double boost = alpha < 1 ? Math.Log(1 - random.NextDouble()) / alpha : 0;
        double d = alpha + (alpha < 1 ? 1 : 0) - (1.0 / 3), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.NextGaussian(), v = Math.Pow(1 + (c * x), 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v)))
            {
                return Math.Log(d * v) + boost;
            }
        }
    }
}
