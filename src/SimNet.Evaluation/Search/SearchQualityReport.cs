using System.Globalization;

namespace SimNet.Evaluation;

/// <summary>The recall of an approximate search over many queries.</summary>
public sealed record SearchQualityReport
{
    /// <summary>Number of queries.</summary>
    public required int Queries { get; init; }

    /// <summary>Mean of the queries' recalls.</summary>
    public required double MeanRecall { get; init; }

    /// <summary>The worst query's recall.</summary>
    public required double MinimumRecall { get; init; }

    /// <summary>Number of queries of which every true neighbour was found.</summary>
    public required int PerfectQueries { get; init; }

    /// <summary>Sums up the recalls of queries, as <see cref="SearchQuality"/> computes them.</summary>
    /// <param name="recalls">One recall per query, each in 0 to 1; one or more.</param>
    /// <exception cref="ArgumentException">There is no query, or a recall is outside 0 to 1.</exception>
    public static SearchQualityReport FromRecalls(ReadOnlySpan<double> recalls)
    {
        if (recalls.IsEmpty)
        {
            throw new ArgumentException("No queries; expected at least one recall.", nameof(recalls));
        }

        double sum = 0, minimum = 1;
        int perfect = 0;
        for (int i = 0; i < recalls.Length; i++)
        {
            if (recalls[i] is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"Recall {i} is {recalls[i]}; expected 0 to 1.", nameof(recalls));
            }

            sum += recalls[i];
            minimum = Math.Min(minimum, recalls[i]);
            perfect += recalls[i] == 1 ? 1 : 0;
        }

        return new SearchQualityReport { Queries = recalls.Length, MeanRecall = sum / recalls.Length, MinimumRecall = minimum, PerfectQueries = perfect };
    }

    /// <summary>All measures on one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"recall {MeanRecall:0.0000} (worst {MinimumRecall:0.0000}, perfect {PerfectQueries} of {Queries} queries)");
}
