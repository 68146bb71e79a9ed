namespace SimNet.Index;

/// <summary>
/// Finds the nearest of all rows, always: the answer is that of comparing the query with every row, and the oracle by which the other kinds
/// are measured.
/// </summary>
/// <remarks>
/// Of most rows it reads no more than 64 bytes: an 8-bit code of the row's projection on the directions in which rows vary most, from which follows a
/// lower bound of the distance. Only rows that the bound does not reject are compared number by number. Where rows have no such directions it reads
/// a byte a number.
/// </remarks>
public sealed class ExactIndex : IVectorIndex, IBuiltIndex
{
    private readonly RowStore _store;

    internal ExactIndex(RowStore store)
    {
        _store = store;
    }

    /// <inheritdoc/>
    public int Count => _store.Rows.Count;

    /// <inheritdoc/>
    public int Dimensions => _store.Rows.Dimensions;

    /// <inheritdoc/>
    public Metric Metric => _store.Rows.Metric;

    /// <inheritdoc/>
    public string Kind => "exact";

    IndexKind IBuiltIndex.FileKind => IndexKind.Exact;

    RowStore IBuiltIndex.Store => _store;

    /// <summary>Copies vectors into an index.</summary>
    /// <param name="vectors">Row after row, each of <paramref name="dimensions"/> finite numbers and a length of at most 1e18; may be empty.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536.</param>
    /// <param name="metric">What distances mean.</param>
    /// <param name="maxThreads">How many threads may code rows at once; 0 (the default) is one for each processor.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    /// <exception cref="ArgumentException">
    /// The numbers are not whole rows, or one of them is not finite (the message names row and column) or a row is too long.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ExactIndex Build(
        ReadOnlySpan<float> vectors, int dimensions, Metric metric, int maxThreads = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxThreads);
        return new ExactIndex(RowStore.Build(vectors, dimensions, metric, maxThreads, cancellationToken));
    }

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SearchEffort, nameof(options));
        return _store.Search(this, query, results, options);
    }

    /// <inheritdoc/>
    public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default) =>
        _store.SearchRange(this, query, radius, options);

    /// <inheritdoc/>
    /// <remarks>Where no few directions matter, and a query would read much of every row, all queries are multiplied with the rows at once.</remarks>
    public Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new BatchSearchOptions();
        bool isWorthMultiplying = !_store.Codes.Projection.HasBasis && count <= Count / GemmSearch.RowsPerResult
            && BatchSearch.Check(this, queries, count, options) >= GemmSearch.MinQueries;
        return isWorthMultiplying
            ? BatchSearch.RunGemm(this, _store, queries, count, options, cancellationToken)
            : BatchSearch.Run(this, queries, count, options, cancellationToken);
    }

    /// <inheritdoc/>
    public void GetVector(int id, Span<float> destination) => _store.Rows.CopyVector(id, destination, this);

    /// <inheritdoc/>
    public void Save(string path) => _store.Save(this, path);

    void IBuiltIndex.AddSections(IndexFileWriter writer)
    {
        // There is nothing but the store.
    }

    IBuiltIndex IBuiltIndex.Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(1);
        return new ExactIndex(store);
    }

    /// <summary>Frees the memory or closes the file; searches still running end first.</summary>
    public void Dispose() => _store.Dispose();
}
