namespace SimNet.Index;

/// <summary>What <see cref="RandomProjectionForestOptions.TargetRecall"/> chose for a forest, and what was measured with it.</summary>
/// <remarks>
/// Measured against the exact answer on 256 rows of the index, or one in eight, spread evenly over it, as queries, each with itself excluded. They have their
/// places in the trees, but no say in where the planes lie, so that the forest knows of them no more than of a fresh query.
/// Queries that are not like the rows may find less.
/// </remarks>
public sealed record ForestTuning
{
    /// <summary>The share of the true neighbours that was asked for.</summary>
    public double TargetRecall { get; init; }

    /// <summary>For how many neighbours.</summary>
    public int TargetNeighbors { get; init; }

    /// <summary>How many trees the forest has.</summary>
    public int Trees { get; init; }

    /// <summary>How many rows a leaf has at most.</summary>
    public int LeafSize { get; init; }

    /// <summary>
    /// What a search for as many neighbours takes for its effort where it is not told another; searches for more take more in proportion. The index's
    /// count where the forest does not reach the target with less work than an exact search takes: searches are exact then.
    /// </summary>
    public int SearchEffort { get; init; }

    /// <summary>The share of the true neighbours that was found, over all queries tried.</summary>
    public double Recall { get; init; }

    /// <summary>
    /// The standard error of <see cref="Recall"/>, from how much it differs from query to query. The effort is the least with which
    /// <see cref="Recall"/> is above the target by this.
    /// </summary>
    public double StandardError { get; init; }

    /// <summary>How many planes a search looked at, on average.</summary>
    public double PlanesPerQuery { get; init; }

    /// <summary>How many rows a search compared with the query, on average.</summary>
    public double CandidatesPerQuery { get; init; }
}
