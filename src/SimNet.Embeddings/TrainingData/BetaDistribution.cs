namespace SimNet.Embeddings;

/// <summary>Samples the symmetric beta distribution, Beta(alpha, alpha).</summary>
internal static class BetaDistribution
{
    /// <summary>Samples X / (X + Y), where X and Y are independent samples of Gamma(alpha, 1).</summary>
    public static double Sample(ref SeededRandom random, double alpha)
    {
        // In logarithms: for a small alpha the samples underflow, but their ratio does not.
        double x = LogGamma(ref random, alpha), y = LogGamma(ref random, alpha);
        return 1 / (1 + Math.Exp(y - x));
    }

    /// <summary>
    /// The logarithm of a sample of Gamma(alpha, 1) (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000).
    /// With d = alpha - 1/3 and c = 1 / sqrt(9 d), draw a normal x and a uniform u until v = (1 + c x)^3 > 0 and
    /// ln u &lt; x^2 / 2 + d - d v + d ln v; the sample is d v.
    /// For alpha below 1, it is a sample for alpha + 1, times u^(1 / alpha).
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
