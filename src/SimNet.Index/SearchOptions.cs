namespace SimNet.Index;

/// <summary>How one search differs from the index's habit. <see langword="default"/> changes nothing.</summary>
public readonly record struct SearchOptions
{
    /// <summary>
    /// Which rows may be found, by row number; null allows all of them. Called on the searching thread, at most once a row and
    /// search, in no particular order. It may throw: the exception ends the search.
    /// </summary>
    public Func<int, bool>? Filter { get; init; }

    /// <summary>
    /// How many rows an approximate index inspects at least, of those that <see cref="Filter"/> allows: more is slower and finds more.
    /// 0 (the default) is the index's own choice; an effort of <see cref="IVectorIndex.Count"/> gives the exact answer; less than
    /// the number of neighbours asked for counts as that number. An exact index ignores it.
    /// </summary>
    public int SearchEffort { get; init; }
}
