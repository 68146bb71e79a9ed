namespace SimNet.Index;

/// <summary>How one search differs from the index's habit. <see langword="default"/> changes nothing.</summary>
public readonly record struct SearchOptions
{
    /// <summary>
    /// Which rows may be found, by number (<see cref="Neighbor.Id"/>); null allows all of them. Called on the searching thread, for some rows, in no
    /// particular order, perhaps more than once for the same one. It may throw: the exception ends the search.
    /// </summary>
    public Func<int, bool>? Filter { get; init; }

    /// <summary>
    /// The only rows that may be found; null (the default) allows all of them. Where <see cref="Filter"/> is given as well, a row needs both.
    /// However few the rows are, an approximate index finds as much among them as it does among all.
    /// </summary>
    public RowSet? Rows { get; init; }

    /// <summary>
    /// How hard an approximate index tries: more is slower and finds more. A forest inspects at least so many of the rows that <see cref="Filter"/> and
    /// <see cref="Rows"/> allow; a graph's walk remembers the best so many that it has met. 0 (the default) is the index's own choice; an effort of
    /// <see cref="IVectorIndex.Count"/> gives the exact answer; less than the number of neighbours asked for counts as that number. An exact index ignores it.
    /// </summary>
    public int SearchEffort { get; init; }

    /// <summary>Whether a row may be found.</summary>
    internal bool Allows(int row) => (Rows is null || Rows.Contains(row)) && (Filter is null || Filter(row));

    /// <summary>Whether some rows may not be found.</summary>
    internal bool IsFiltered => Rows is not null || Filter is not null;
}
