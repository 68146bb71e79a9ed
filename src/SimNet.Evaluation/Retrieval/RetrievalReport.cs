using System.Globalization;

namespace SimNet.Evaluation;

/// <summary>The means of <see cref="RetrievalScores"/> over queries, and the number of queries.</summary>
public sealed record RetrievalReport
{
    /// <summary>The number of results of each query that count.</summary>
    public required int K { get; init; }

    /// <summary>The number of queries in the means.</summary>
    public required int Queries { get; init; }

    /// <summary>
    /// The number of queries left out of the means, because they have no label or nothing in the catalog is relevant to them.
    /// </summary>
    public required int SkippedQueries { get; init; }

    /// <summary>The mean precision@k; NaN without queries.</summary>
    public required double MeanPrecision { get; init; }

    /// <summary>The mean recall@k; NaN without queries.</summary>
    public required double MeanRecall { get; init; }

    /// <summary>The mean average precision@k (mAP@k); NaN without queries.</summary>
    public required double MeanAveragePrecision { get; init; }

    /// <summary>The mean nDCG@k; NaN without queries.</summary>
    public required double MeanNdcg { get; init; }

    /// <summary>Formats all measures on one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"precision@{K} {MeanPrecision:0.0000}, recall@{K} {MeanRecall:0.0000}, mAP@{K} {MeanAveragePrecision:0.0000}, "
        + $"nDCG@{K} {MeanNdcg:0.0000} over {Queries} queries ({SkippedQueries} skipped)");
}
