namespace SimNet.Evaluation;

/// <summary>
/// Judges one ranked list of results by which of them are relevant. Relevance is yes or no; the best result stands first.
/// </summary>
/// <remarks>
/// Conventions, where the literature has several: precision@k divides by k even when fewer results came, since a slot left empty did
/// not help; average precision@k divides by the smaller of k and the number of relevant items, so that a perfect list scores 1;
/// results beyond k are ignored; where nothing is relevant every measure is 0.
/// </remarks>
public static class RetrievalMetrics
{
    /// <summary>Relevant results among the first <paramref name="k"/>, divided by k.</summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">How many results count; at least 1.</param>
    public static double PrecisionAt(ReadOnlySpan<bool> relevant, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return (double)Count(relevant, k) / k;
    }

    /// <summary>Relevant results among the first <paramref name="k"/>, divided by <paramref name="totalRelevant"/>; 0 where that is
    /// 0.</summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">How many results count; at least 1.</param>
    /// <param name="totalRelevant">Number of relevant items in the whole catalog (without the query itself, if it is not searched).</param>
    /// <exception cref="ArgumentException">There are more relevant results than <paramref name="totalRelevant"/> says exist.</exception>
    public static double RecallAt(ReadOnlySpan<bool> relevant, int k, int totalRelevant)
    {
        Check(relevant, k, totalRelevant);
        return totalRelevant == 0 ? 0 : (double)Count(relevant, k) / totalRelevant;
    }

    /// <summary>
    /// Average precision@k: the sum, over the ranks i to <paramref name="k"/> that hold a relevant result, of precision@i, divided by
    /// min(<paramref name="k"/>, <paramref name="totalRelevant"/>). Its mean over queries is mAP@k.
    /// </summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">How many results count; at least 1.</param>
    /// <param name="totalRelevant">Number of relevant items in the whole catalog.</param>
    /// <exception cref="ArgumentException">There are more relevant results than <paramref name="totalRelevant"/> says exist.</exception>
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
    /// Normalized discounted cumulative gain@k with binary relevance: DCG = the sum of 1 / log2(rank + 1) over the relevant ranks to
    /// <paramref name="k"/>, ranks from 1, divided by the DCG of the best possible list.
    /// </summary>
    /// <remarks>Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002), with the log2(rank + 1)
    /// discount.</remarks>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="k">How many results count; at least 1.</param>
    /// <param name="totalRelevant">Number of relevant items in the whole catalog.</param>
    /// <exception cref="ArgumentException">There are more relevant results than <paramref name="totalRelevant"/> says exist.</exception>
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
                $"{found} results are relevant, but only {totalRelevant} relevant items are said to exist.", nameof(totalRelevant));
        }
    }
}
