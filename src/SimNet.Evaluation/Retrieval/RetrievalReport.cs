using System.Globalization;

namespace SimNet.Evaluation;

/// <summary>The means of <see cref="RetrievalScores"/> over queries, and how many there were.</summary>
public sealed record RetrievalReport
{
    /// <summary>How many results of each query count.</summary>
    public required int K { get; init; }

    /// <summary>Number of queries the means are taken over.</summary>
    public required int Queries { get; init; }

    /// <summary>Queries left out of the means because nothing in the catalog was relevant to them, or they had no label.</summary>
    public required int SkippedQueries { get; init; }

    /// <summary>Mean precision@k; not a number when there was no query.</summary>
    public required double MeanPrecision { get; init; }

    /// <summary>Mean recall@k; not a number when there was no query.</summary>
    public required double MeanRecall { get; init; }

    /// <summary>mAP@k: mean average precision@k; not a number when there was no query.</summary>
    public required double MeanAveragePrecision { get; init; }

    /// <summary>Mean nDCG@k; not a number when there was no query.</summary>
    public required double MeanNdcg { get; init; }

    /// <summary>All measures on one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"precision@{K} {MeanPrecision:0.0000}, recall@{K} {MeanRecall:0.0000}, mAP@{K} {MeanAveragePrecision:0.0000}, nDCG@{K} {MeanNdcg:0.0000} over {Queries} queries ({SkippedQueries} skipped)");
}
