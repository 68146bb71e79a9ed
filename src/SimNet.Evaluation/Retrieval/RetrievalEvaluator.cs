namespace SimNet.Evaluation;

/// <summary>
/// Gathers the <see cref="RetrievalScores"/> of queries, one at a time, into a <see cref="RetrievalReport"/>.
/// Not for several threads at once; queries added in the same order give the same bits.
/// </summary>
public sealed class RetrievalEvaluator
{
    private double _precision, _recall, _averagePrecision, _ndcg;
    private int _queries, _skipped;

    /// <summary>Starts with no query.</summary>
    /// <param name="k">How many results of each query count; at least 1.</param>
    public RetrievalEvaluator(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        K = k;
    }

    /// <summary>How many results of each query count.</summary>
    public int K { get; }

    /// <summary>The means over the queries added so far.</summary>
    public RetrievalReport Report => new()
    {
        K = K,
        Queries = _queries,
        SkippedQueries = _skipped,
        MeanPrecision = _precision / _queries,
        MeanRecall = _recall / _queries,
        MeanAveragePrecision = _averagePrecision / _queries,
        MeanNdcg = _ndcg / _queries,
    };

    /// <summary>Adds a query whose relevant results are those that bear its label.</summary>
    /// <param name="queryLabel">The query's label. A query without one cannot be judged and is skipped.</param>
    /// <param name="resultLabels">The labels of its results, best first. A result without one is not relevant.</param>
    /// <param name="totalRelevant">
    /// Number of items in the whole catalog that bear the label, without the query itself if it is not among what is searched. At 0 the
    /// query is skipped.
    /// </param>
    /// <returns>The query's own measures, or null if it was skipped.</returns>
    /// <exception cref="ArgumentException">There are more relevant results than <paramref name="totalRelevant"/> says exist.</exception>
    public RetrievalScores? Add(string? queryLabel, IReadOnlyList<string?> resultLabels, int totalRelevant)
    {
        ArgumentNullException.ThrowIfNull(resultLabels);
        ArgumentOutOfRangeException.ThrowIfNegative(totalRelevant);
        if (queryLabel is null)
        {
            _skipped++;
            return null;
        }

        var relevant = new bool[resultLabels.Count];
        for (int i = 0; i < relevant.Length; i++)
        {
            relevant[i] = string.Equals(resultLabels[i], queryLabel, StringComparison.Ordinal);
        }

        return Add(relevant, totalRelevant);
    }

    /// <summary>Adds a query by which of its results are relevant.</summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="totalRelevant">Number of relevant items in the whole catalog. At 0 the query is skipped.</param>
    /// <returns>The query's own measures, or null if it was skipped.</returns>
    /// <exception cref="ArgumentException">There are more relevant results than <paramref name="totalRelevant"/> says exist.</exception>
    public RetrievalScores? Add(ReadOnlySpan<bool> relevant, int totalRelevant)
    {
        var scores = new RetrievalScores(
            RetrievalMetrics.PrecisionAt(relevant, K),
            RetrievalMetrics.RecallAt(relevant, K, totalRelevant),
            RetrievalMetrics.AveragePrecisionAt(relevant, K, totalRelevant),
            RetrievalMetrics.NdcgAt(relevant, K, totalRelevant));
        if (totalRelevant == 0)
        {
            _skipped++;
            return null;
        }

        _queries++;
        _precision += scores.Precision;
        _recall += scores.Recall;
        _averagePrecision += scores.AveragePrecision;
        _ndcg += scores.Ndcg;
        return scores;
    }
}
