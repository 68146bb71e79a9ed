namespace SimNet.Index;

/// <summary>The parameters chosen for <see cref="RandomProjectionForestOptions.TargetRecall"/>, and the measurements with them.</summary>
/// <remarks>
/// The recall is measured against the exact answer. The queries are 256 rows of the index, or one row in eight if that is less, spread
/// evenly over the index, each excluded from its own answer. These rows do not influence the hyperplanes, so the forest has not seen them
/// any more than a new query. Queries that differ from the rows in distribution may have a lower recall.
/// </remarks>
public sealed record ForestTuning
{
    /// <summary>The target share of true neighbors; above 0, at most 1.</summary>
    public double TargetRecall { get; init; }

    /// <summary>The number of neighbors for which the target holds.</summary>
    public int TargetNeighbors { get; init; }

    /// <summary>The number of trees of the forest.</summary>
    public int Trees { get; init; }

    /// <summary>The maximum number of rows in a leaf.</summary>
    public int LeafSize { get; init; }

    /// <summary>
    /// The default effort of a search for <see cref="TargetNeighbors"/> neighbors; searches for more use proportionally more. Equal to the
    /// number of rows if the forest does not reach the target with less work than an exact search; searches are then exact.
    /// </summary>
    public int SearchEffort { get; init; }

    /// <summary>The measured share of true neighbors found, over all queries.</summary>
    public double Recall { get; init; }

    /// <summary>
    /// The standard error of <see cref="Recall"/>, from its variance over the queries. The effort is the smallest for which
    /// <see cref="Recall"/> exceeds the target by at least this value.
    /// </summary>
    public double StandardError { get; init; }

    /// <summary>The mean number of hyperplanes evaluated per query.</summary>
    public double PlanesPerQuery { get; init; }

    /// <summary>The mean number of rows compared with a query.</summary>
    public double CandidatesPerQuery { get; init; }
}
