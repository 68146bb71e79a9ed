using System.Globalization;

namespace SimNet.Evaluation;

/// <summary>The recall of an approximate search over many queries.</summary>
public sealed record SearchQualityReport
{
    /// <summary>The number of queries.</summary>
    public required int Queries { get; init; }

    /// <summary>The mean recall of the queries.</summary>
    public required double MeanRecall { get; init; }

    /// <summary>The lowest recall of a query.</summary>
    public required double MinimumRecall { get; init; }

    /// <summary>The number of queries for which all true neighbors are found.</summary>
    public required int PerfectQueries { get; init; }

    /// <summary>Summarizes the recalls of queries computed by <see cref="SearchQuality"/>.</summary>
    /// <param name="recalls">The recall of each query, 0 to 1; at least one.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">There are no queries, or a recall is outside 0 to 1.</exception>
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

        return new SearchQualityReport
        {
            Queries = recalls.Length,
            MeanRecall = sum / recalls.Length,
            MinimumRecall = minimum,
            PerfectQueries = perfect,
        };
    }

    /// <summary>Formats all measures on one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"recall {MeanRecall:0.0000} (worst {MinimumRecall:0.0000}, perfect {PerfectQueries} of {Queries} queries)");
}
