namespace SimNet.Evaluation;

/// <summary>
/// Collects the <see cref="RetrievalScores"/> of queries into a <see cref="RetrievalReport"/>. Not thread-safe. Queries added in the same
/// order give the same bits.
/// </summary>
public sealed class RetrievalEvaluator
{
    private double _precision, _recall, _averagePrecision, _ndcg;
    private int _queries, _skipped;

    /// <summary>Creates an evaluator without queries.</summary>
    /// <param name="k">The number of results of each query that count; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is less than 1.</exception>
    public RetrievalEvaluator(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        K = k;
    }

    /// <summary>The number of results of each query that count.</summary>
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

    /// <summary>Adds a query whose relevant results are those with the same label.</summary>
    /// <param name="queryLabel">The label of the query; a query without a label is skipped.</param>
    /// <param name="resultLabels">The labels of the results, best first. A result without a label is not relevant.</param>
    /// <param name="totalRelevant">
    /// The number of items with the label in the whole catalog, without the query itself unless it is searched as well. If it is 0, the
    /// query is skipped.
    /// </param>
    /// <returns>The measures of the query; <see langword="null"/> if it is skipped.</returns>
    /// <exception cref="ArgumentException">More results are relevant than <paramref name="totalRelevant"/> states.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="totalRelevant"/> is negative.</exception>
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

    /// <summary>Adds a query by the relevance of its results.</summary>
    /// <param name="relevant">Whether each result is relevant, best first.</param>
    /// <param name="totalRelevant">The number of relevant items in the whole catalog. If it is 0, the query is skipped.</param>
    /// <returns>The measures of the query; <see langword="null"/> if it is skipped.</returns>
    /// <exception cref="ArgumentException">More results are relevant than <paramref name="totalRelevant"/> states.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="totalRelevant"/> is negative.</exception>
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
