namespace SimNet.Index;

/// <summary>Options for a search. <see langword="default"/> searches all rows with the index's default effort.</summary>
public readonly record struct SearchOptions
{
    /// <summary>
    /// A predicate on IDs (<see cref="Neighbor.Id"/>) that restricts what a search can find; <see langword="null"/> (the default) allows
    /// every row. It is called on the searching thread, for some of the rows, in no particular order, and possibly more than once for the
    /// same row. An exception that it throws ends the search and reaches the caller.
    /// </summary>
    public Func<int, bool>? Filter { get; init; }

    /// <summary>
    /// The rows to which the search is restricted; <see langword="null"/> (the default) allows every row. If <see cref="Filter"/> is also
    /// set, a row must satisfy both. The recall of an approximate index does not suffer from a small set.
    /// </summary>
    public RowSet? Rows { get; init; }

    /// <summary>
    /// The effort of an approximate search: a larger value is slower and has a higher recall. For a graph, it is the size of the candidate
    /// pool, known as <c>efSearch</c> (HNSW) or <c>L</c> (DiskANN). For a forest, it is the minimum number of allowed rows to inspect,
    /// known as <c>search_k</c> (Annoy). 0 (the default) lets the index choose; <see cref="IVectorIndex.Count"/> gives the exact answer; a
    /// value below the number of neighbors wanted counts as that number. An exact index ignores it.
    /// </summary>
    public int SearchEffort { get; init; }

    /// <summary>
    /// Returns whether <see cref="Rows"/> and <see cref="Filter"/> allow a row. For implementations of <see cref="IVectorIndex"/>.
    /// </summary>
    /// <param name="row">The ID of the row.</param>
    public bool Allows(int row) => (Rows is null || Rows.Contains(row)) && (Filter is null || Filter(row));

    /// <summary>Whether the search is restricted to some of the rows.</summary>
    internal bool IsFiltered => Rows is not null || Filter is not null;
}
