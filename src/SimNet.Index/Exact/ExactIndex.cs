namespace SimNet.Index;

/// <summary>
/// Exact nearest-neighbor search (flat search). The answer equals that of a comparison with every row, and is the ground truth for
/// measuring the approximate kinds.
/// </summary>
/// <remarks>
/// A search is a filter-and-refine scan: it reads at most 64 bytes of most rows, a part of a scalar-quantized 8-bit code (SQ8) of the row's
/// projection on its principal components, and derives a lower bound of the distance. Only rows that the bound does not exclude are
/// compared in full precision. If the rows have no dominant principal components, the scan reads one byte per component.
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

    /// <summary><see cref="RecallEstimate.Exact"/>.</summary>
    public RecallEstimate EstimatedRecall => RecallEstimate.Exact;

    IndexKind IBuiltIndex.FileKind => IndexKind.Exact;

    RowStore IBuiltIndex.Store => _store;

    double? IBuiltIndex.TargetRecall => null;

    /// <summary>Builds an index of copies of the vectors.</summary>
    /// <param name="vectors">
    /// The vectors, row by row: each of <paramref name="dimensions"/> finite components with a Euclidean norm of at most 1e18. At
    /// least one norm is 1e-15 or more, unless all are 0 or the metric is cosine: smaller squares vanish. May be empty.
    /// </param>
    /// <param name="dimensions">The number of components of a vector; 1 to 65,536.</param>
    /// <param name="metric">The metric of all distances.</param>
    /// <param name="maxThreads">The maximum number of threads that encode rows; 0 (the default) means one per processor.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values is not a multiple of <paramref name="dimensions"/>, a component is not finite (the message names row and
    /// column), the norm of a row is too large, or all norms are too small.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions, the metric or the number of threads are out of range.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
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
    /// <remarks>
    /// If the rows have no dominant principal components, so that each query would read much of every row, all queries are multiplied with
    /// the rows at once (GEMM). The results are the same.
    /// </remarks>
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
        // The store is everything.
    }

    IBuiltIndex IBuiltIndex.Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(1);
        return new ExactIndex(store);
    }

    /// <summary>Frees the memory or closes the file after the running searches have ended.</summary>
    public void Dispose() => _store.Dispose();
}
