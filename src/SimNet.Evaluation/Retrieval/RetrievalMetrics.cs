namespace SimNet.Evaluation;

/// <summary>
/// Measures of one ranked list of results with binary relevance; the best result is first.
/// </summary>
/// <remarks>
/// The literature knows several conventions. Here, precision@k divides by k even if there are fewer results, because an empty slot does not
/// help. Average precision@k divides by the smaller of k and the number of relevant items, so that a perfect list scores 1. Results beyond
/// k are ignored. If nothing is relevant, every measure is 0.
/// </remarks>
public static class RetrievalMetrics
{
    /// <summary>Precision@k: the number of relevant results among the first <paramref name="k"/>, divided by k.</summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">The number of results that count; at least 1.</param>
    /// <returns>The precision; 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is less than 1.</exception>
    public static double PrecisionAt(ReadOnlySpan<bool> relevant, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return (double)Count(relevant, k) / k;
    }

    /// <summary>
    /// Recall@k: the number of relevant results among the first <paramref name="k"/>, divided by <paramref name="totalRelevant"/>; 0 if
    /// that is 0.
    /// </summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">The number of results that count; at least 1.</param>
    /// <param name="totalRelevant">
    /// The number of relevant items in the whole catalog (without the query itself unless it is searched).
    /// </param>
    /// <returns>The recall; 0 to 1.</returns>
    /// <exception cref="ArgumentException">More results are relevant than <paramref name="totalRelevant"/> states.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="k"/> is less than 1, or <paramref name="totalRelevant"/> is negative.
    /// </exception>
    public static double RecallAt(ReadOnlySpan<bool> relevant, int k, int totalRelevant)
    {
        Check(relevant, k, totalRelevant);
        return totalRelevant == 0 ? 0 : (double)Count(relevant, k) / totalRelevant;
    }

    /// <summary>
    /// Average precision@k: the sum of precision@i over the ranks i up to <paramref name="k"/> with a relevant result, divided by
    /// min(<paramref name="k"/>, <paramref name="totalRelevant"/>). Its mean over queries is mAP@k.
    /// </summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">The number of results that count; at least 1.</param>
    /// <param name="totalRelevant">The number of relevant items in the whole catalog.</param>
    /// <returns>The average precision; 0 to 1.</returns>
    /// <exception cref="ArgumentException">More results are relevant than <paramref name="totalRelevant"/> states.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="k"/> is less than 1, or <paramref name="totalRelevant"/> is negative.
    /// </exception>
    public static double AveragePrecisionAt(ReadOnlySpan<bool> relevant, int k, int totalRelevant)
    {
        Check(relevant, k, totalRelevant);
        if (totalRelevant == 0)
        {
            return 0;
        }

        double sum = 0;
        int found = 0;
        for (int i = 0; i < Math.Min(k, relevant.Length); i++)
        {
            if (relevant[i])
            {
                found++;
                sum += (double)found / (i + 1);
            }
        }

        return sum / Math.Min(k, totalRelevant);
    }

    /// <summary>
    /// Normalized discounted cumulative gain@k (nDCG) with binary relevance: the sum of 1 / log2(rank + 1) over the relevant ranks up to
    /// <paramref name="k"/>, counted from 1, divided by that of the ideal list.
    /// </summary>
    /// <remarks>
    /// Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002), with the discount log2(rank + 1).
    /// </remarks>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">The number of results that count; at least 1.</param>
    /// <param name="totalRelevant">The number of relevant items in the whole catalog.</param>
    /// <returns>The nDCG; 0 to 1.</returns>
    /// <exception cref="ArgumentException">More results are relevant than <paramref name="totalRelevant"/> states.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="k"/> is less than 1, or <paramref name="totalRelevant"/> is negative.
    /// </exception>
    public static double NdcgAt(ReadOnlySpan<bool> relevant, int k, int totalRelevant)
    {
        Check(relevant, k, totalRelevant);
        if (totalRelevant == 0)
        {
            return 0;
        }

        double gain = 0, best = 0;
        int ranks = Math.Min(k, Math.Max(relevant.Length, totalRelevant));
        for (int i = 0; i < ranks; i++)
        {
            double discounted = 1 / Math.Log2(i + 2);
            best += i < totalRelevant ? discounted : 0;
            gain += i < relevant.Length && relevant[i] ? discounted : 0;
        }

        return gain / best;
    }

    private static int Count(ReadOnlySpan<bool> relevant, int k) => relevant[..Math.Min(k, relevant.Length)].Count(true);

    private static void Check(ReadOnlySpan<bool> relevant, int k, int totalRelevant)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(totalRelevant);
        int found = relevant.Count(true);
        if (found > totalRelevant)
        {
            throw new ArgumentException(
                $"{found} results are relevant; expected at most {totalRelevant}, the number of relevant items.", nameof(totalRelevant));
        }
    }
}
