namespace SimNet.Index;

/// <summary>The recall of an approximate index, measured against exact answers when the index is built.</summary>
/// <remarks>
/// Queries that differ from the rows in distribution may have a lower recall than the estimate.
/// </remarks>
public sealed record RecallEstimate
{
    // The 97.5th percentile of the normal distribution.
    private const double Deviations = 1.959964;

    /// <summary>The estimate of an exact search: a recall of 1 that needs no measurement.</summary>
    public static RecallEstimate Exact { get; } = new() { Recall = 1 };

    /// <summary>The share of true nearest neighbors that searches with <see cref="SearchEffort"/> find; 0 to 1.</summary>
    public double Recall { get; init; }

    /// <summary>The standard error of <see cref="Recall"/>, from its variance over the queries.</summary>
    public double StandardError { get; init; }

    /// <summary>The number of queries measured; 0 for an exact search.</summary>
    public int Queries { get; init; }

    /// <summary>The number of neighbors for which the recall is measured; 0 for an exact search.</summary>
    public int Neighbors { get; init; }

    /// <summary>
    /// The effort for which the recall is measured, which is the default effort of a search for <see cref="Neighbors"/> neighbors; 0 for an
    /// exact search.
    /// </summary>
    public int SearchEffort { get; init; }

    /// <summary>The lower end of the 95 % confidence interval of the recall.</summary>
    public double LowerBound => Bound(-1);

    /// <summary>The upper end of the 95 % confidence interval of the recall.</summary>
    public double UpperBound => Bound(1);

    /// <summary>Computes the estimate from the numbers of true neighbors that each query found.</summary>
    internal static RecallEstimate Of(ReadOnlySpan<int> hits, int neighbors, int effort)
    {
        double sum = 0, squares = 0;
        foreach (int hit in hits)
        {
            double recall = (double)hit / neighbors;
            sum += recall;
            squares += recall * recall;
        }

        double mean = sum / hits.Length, variance = Math.Max(0, (squares / hits.Length) - (mean * mean));
        return new RecallEstimate
        {
            Recall = mean,
            StandardError = Math.Sqrt(variance / hits.Length),
            Queries = hits.Length,
            Neighbors = neighbors,
            SearchEffort = effort,
        };
    }

    // The score interval (Wilson, "Probable inference, the law of succession, and statistical inference", 1927). The neighbors of a query
    // are not independent, so the number of trials is the one that gives the measured standard error, and the number of queries if all
    // queries have the same recall.
    private double Bound(int side)
    {
        if (Queries == 0)
        {
            return Recall;
        }

        double spread = Recall * (1 - Recall), error = StandardError * StandardError;
        double trials = error > 0 ? Math.Max(Queries, spread / error) : Queries, squared = Deviations * Deviations;
        double center = Recall + (squared / (2 * trials));
        double margin = Deviations * Math.Sqrt((spread / trials) + (squared / (4 * trials * trials)));
        return Math.Clamp((center + (side * margin)) / (1 + (squared / trials)), 0, 1);
    }
}
