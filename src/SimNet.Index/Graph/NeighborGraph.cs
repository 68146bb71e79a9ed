namespace SimNet.Index;

/// <summary>
/// Approximate nearest-neighbor search in a proximity graph (Vamana; Subramanya et al., "DiskANN: fast accurate billion-point nearest
/// neighbor search on a single node", 2019). Every row is linked to near rows in different directions, and a beam search follows the links
/// toward the query. This is the fastest kind of index for large catalogs.
/// </summary>
/// <remarks>
/// The search compares scalar-quantized 8-bit codes (SQ8) of the rows' projection on their principal components. The best candidates are
/// re-ranked in full precision, so that the distances returned are exact. In addition to vectors and codes, the memory is four bytes per
/// row and link. The quantization step is about a thirtieth of the standard deviation of a component. Rows in clusters so dense that their
/// differences are below this step look equal to the search, and only a larger effort distinguishes them.
/// </remarks>
public sealed unsafe class NeighborGraph : IVectorIndex, IBuiltIndex
{
    private const int DefaultEffort = 64;
    private const int MaxBuildEffort = 10_000;

    /// <summary>The number of bytes of a row to prefetch; the hardware prefetcher loads the rest.</summary>
    private const int PrefetchedBytes = 256;

    private readonly RowStore _store;
    private readonly GraphLinks _graph;
    private readonly ScratchPool<GraphScratch> _pool;

    internal NeighborGraph(RowStore store, GraphLinks graph)
    {
        _store = store;
        _graph = graph;
        _pool = new ScratchPool<GraphScratch>(() => new GraphScratch(store.Rows, store.Codes, graph.Options.MaxDegree));
    }

    /// <inheritdoc/>
    public int Count => _store.Rows.Count;

    /// <inheritdoc/>
    public int Dimensions => _store.Rows.Dimensions;

    /// <inheritdoc/>
    public Metric Metric => _store.Rows.Metric;

    /// <inheritdoc/>
    public string Kind => "graph";

    /// <summary>
    /// The options that the graph is built with. <see cref="NeighborGraphOptions.MaxThreads"/> does not affect it and is 0.
    /// </summary>
    public NeighborGraphOptions Options => _graph.Options;

    IndexKind IBuiltIndex.FileKind => IndexKind.Graph;

    RowStore IBuiltIndex.Store => _store;

    /// <summary>Builds a graph of copies of the vectors.</summary>
    /// <param name="vectors">
    /// The vectors, row by row: each of <paramref name="dimensions"/> finite components with a Euclidean norm of at most 1e18. May be
    /// empty.
    /// </param>
    /// <param name="dimensions">The number of components of a vector; 1 to 65,536.</param>
    /// <param name="metric">The metric of all distances.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the completed share, 0 to 1, about a hundred times, in order.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values is not a multiple of <paramref name="dimensions"/>, a component is not finite (the message names row and
    /// column), or the norm of a row is too large.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions, the metric or an option are out of range.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static NeighborGraph Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        NeighborGraphOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new NeighborGraphOptions();
        if (Validate(options) is string problem)
        {
            throw new ArgumentOutOfRangeException(nameof(options), problem);
        }

        RowStore store = RowStore.Build(vectors, dimensions, metric, options.MaxThreads, cancellationToken);
        try
        {
            return Link(store, options, progress, cancellationToken);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The effort is the size of the candidate pool (<c>efSearch</c>); the default is 64. All candidates in the pool are re-ranked. The
    /// answer is exact if a filter allows so few rows that scanning them is faster, or if the beam search finds too few rows.
    /// </remarks>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SearchEffort, nameof(options));
        long effort = Math.Max(options.SearchEffort == 0 ? DefaultEffort : options.SearchEffort, results.Length);
        if (options.IsFiltered)
        {
            effort = FilteredEffort(effort, options);
        }

        if (effort >= Count)
        {
            return _store.Search(this, query, results, options);
        }

        GraphScratch scratch = _pool.Rent();
        int found;
        try
        {
            using IndexMemory.Lease lease = _store.Memory.Enter(this);
            _store.Rows.StoreQuery(query, scratch.Query.Pointer);
            found = results.IsEmpty ? 0 : Metric switch
            {
                Metric.Euclidean => Search<EuclideanDistance>(scratch, results, (int)effort, options),
                Metric.Cosine => Search<CosineDistance>(scratch, results, (int)effort, options),
                _ => Search<InnerProductDistance>(scratch, results, (int)effort, options),
            };
        }
        finally
        {
            _pool.Return(scratch);
        }

        return found == results.Length ? found : _store.Search(this, query, results, options);
    }

    /// <inheritdoc/>
    public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default) =>
        _store.SearchRange(this, query, radius, options);

    /// <inheritdoc/>
    public Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        BatchSearch.Run(this, queries, count, options, cancellationToken);

    /// <inheritdoc/>
    public void GetVector(int id, Span<float> destination) => _store.Rows.CopyVector(id, destination, this);

    /// <inheritdoc/>
    public void Save(string path) => _store.Save(this, path);

    void IBuiltIndex.AddSections(IndexFileWriter writer) => GraphFile.Write(writer, _graph, _store.Codes);

    IBuiltIndex IBuiltIndex.Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Link(store, Options, progress, cancellationToken);

    /// <summary>Frees the memory or closes the file after the running searches have ended.</summary>
    public void Dispose() => _store.Dispose();

    private static NeighborGraph Link(
        RowStore store, NeighborGraphOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var builder = new GraphBuilder(store, options, progress, cancellationToken);
        return new NeighborGraph(store, builder.Build());
    }

    /// <summary>Describes what is wrong with options; null if they are valid.</summary>
    internal static string? Validate(NeighborGraphOptions options) =>
        options.MaxDegree is < 4 or > 128 ? $"MaxDegree is {options.MaxDegree}; expected 4 to 128."
        : options.BuildEffort < options.MaxDegree || options.BuildEffort > MaxBuildEffort
            ? $"BuildEffort is {options.BuildEffort}; expected MaxDegree, {options.MaxDegree}, to {MaxBuildEffort}."
        : !(options.Alpha is >= 1 and <= 10) ? $"Alpha is {options.Alpha}; expected 1 to 10."
        : options.MaxThreads < 0 ? $"MaxThreads is {options.MaxThreads}; expected 0 or more."
        : null;

    /// <summary>
    /// The size of the pool that contains enough allowed rows; the number of all rows if scanning the allowed ones is faster.
    /// </summary>
    private long FilteredEffort(long effort, in SearchOptions options)
    {
        // Both are linear: a beam search in the size of the pool, and a scan in the number of rows, at a fortieth of the time per row.
        const double RowsPerRemembered = 40;
        double share = FilterSelectivity.Of(options, Count);
        return share * share * Count < RowsPerRemembered * effort ? Count : (long)Math.Min(Count, effort / share);
    }

    private int Search<TDistance>(GraphScratch scratch, Span<Neighbor> results, int effort, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        scratch.Code.Encode(scratch.Query.Pointer);
        BeamSearch.Run(
            _store.Codes, _graph.Links, _graph.Options.MaxDegree, _graph.Entries, scratch.Code.Code, effort, scratch);
        var nearest = new NeighborHeap(results);
        CandidatePool pool = scratch.Pool;
        for (int place = 0; place < pool.Count; place++)
        {
            if (place + 1 < pool.Count)
            {
                Prefetch.Lines(_store.Rows.Row(pool.Row(place + 1)), PrefetchedBytes);
            }

            int row = pool.Row(place);
            if (options.Allows(row))
            {
                nearest.Offer(row, TDistance.Compute(scratch.Query.Pointer, _store.Rows.Row(row), _store.Rows.Stride));
            }
        }

        return nearest.Sort();
    }
}
