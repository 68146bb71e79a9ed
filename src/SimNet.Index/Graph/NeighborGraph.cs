namespace SimNet.Index;

/// <summary>
/// Approximate nearest-neighbor search in a proximity graph (Vamana; Subramanya et al., "DiskANN: fast accurate billion-point nearest
/// neighbor search on a single node", 2019). Every row is linked to near rows in different directions, and a beam search follows the links
/// toward the query. This is the fastest kind of index for large catalogs.
/// </summary>
/// <remarks>
/// The search compares scalar-quantized 8-bit codes (SQ8) of the rows' projection on their principal components. The best candidates are
/// re-ranked in full precision, so that the distances returned are exact. In addition to vectors and codes, the memory is four bytes per
/// row and link.
/// <para>
/// The quantization step is about a thirtieth of the standard deviation of a component. Codes do not tell rows apart in clusters so dense
/// that their differences are below this step. The build measures whether that is so for more than one neighbor in fifty, and then links
/// and searches the rows themselves, at two to four times the time (<see cref="IsQuantized"/>). For fewer, a search that ends in such a
/// cluster scans all rows. With inner product, the rows themselves are always compared.
/// </para>
/// <para>
/// Every row can be reached from every other one by links. The build measures the recall and chooses the default effort accordingly
/// (<see cref="NeighborGraphOptions.TargetRecall"/>).
/// </para>
/// </remarks>
public sealed unsafe class NeighborGraph : IVectorIndex, IBuiltIndex
{
    private const int MaxBuildEffort = 10_000;

    private readonly RowStore _store;
    private readonly GraphLinks _graph;
    private readonly ScratchPool<GraphScratch> _pool;

    internal NeighborGraph(RowStore store, GraphLinks graph, RecallEstimate? estimatedRecall)
    {
        EstimatedRecall = estimatedRecall;
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

    /// <summary>
    /// The recall with the default effort, for <see cref="NeighborGraphOptions.TargetNeighbors"/> neighbors: the lower one of two
    /// measurements. One takes 256 rows of the graph as queries, the other the 256 rows linked last, which the search then treats as not in
    /// the graph, so that they are like new queries. With fewer than 2,048 rows, each measurement takes one row in eight.
    /// <see cref="RecallEstimate.Exact"/> if the target takes more work than a scan of all rows, so that searches with the default effort
    /// are exact; <see langword="null"/> if there is no <see cref="NeighborGraphOptions.TargetRecall"/>, or too few rows.
    /// </summary>
    public RecallEstimate? EstimatedRecall { get; }

    /// <summary>
    /// Whether the search compares the codes of the rows; otherwise it compares the rows themselves, because codes do not tell them apart
    /// or the metric is inner product.
    /// </summary>
    public bool IsQuantized => _graph.IsQuantized;

    internal GraphLinks Graph => _graph;

    IndexKind IBuiltIndex.FileKind => IndexKind.Graph;

    RowStore IBuiltIndex.Store => _store;

    double? IBuiltIndex.TargetRecall => Options.TargetRecall;

    /// <summary>Builds a graph of copies of the vectors.</summary>
    /// <param name="vectors">
    /// The vectors, row by row: each of <paramref name="dimensions"/> finite components with a Euclidean norm of at most 1e18. At
    /// least one norm is 1e-15 or more, unless all are 0 or the metric is cosine: smaller squares vanish. May be empty.
    /// </param>
    /// <param name="dimensions">The number of components of a vector; 1 to 65,536.</param>
    /// <param name="metric">The metric of all distances.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the completed share, 0 to 1, about a hundred times, in order.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values is not a multiple of <paramref name="dimensions"/>, a component is not finite (the message names row and
    /// column), the norm of a row is too large, or all norms are too small.
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
    /// The effort is the size of the candidate pool (<c>efSearch</c>); the default is that of <see cref="EstimatedRecall"/>. Without
    /// an estimate, it is 64, or 128 if vectors are compared instead of codes. All candidates in the pool are re-ranked. The answer is
    /// exact if a scan of the rows that a filter allows, or of all rows, is less work than a beam search with the effort, if the beam
    /// search finds too few rows, or if the codes of the rows found do not tell them apart. So a search of a few thousand rows is exact,
    /// unless <see cref="SearchOptions.SearchEffort"/> asks for less.
    /// </remarks>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SearchEffort, nameof(options));
        long effort = Math.Max(options.SearchEffort == 0 ? DefaultEffort : options.SearchEffort, results.Length);
        if (options.IsFiltered)
        {
            effort = FilteredEffort(effort, options);
        }

        // A scan finds everything. It takes longer than a small effort that is asked for.
        bool mayScan = options.SearchEffort == 0 || effort > GraphSearch.DefaultEffort(_graph);
        if (effort >= Count || (mayScan && GraphSearch.IsScanLessWork(effort, Count)))
        {
            return _store.Search(this, query, results, options);
        }

        GraphScratch scratch = _pool.Rent();
        int found;
        try
        {
            using IndexMemory.Lease lease = _store.Memory.Enter(this);
            _store.Rows.StoreQuery(query, scratch.Query.Pointer);
            found = results.IsEmpty ? 0 : GraphSearch.Run(_store, _graph, scratch, results, (int)effort, options);
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

    void IBuiltIndex.AddSections(IndexFileWriter writer)
    {
        GraphFile.Write(writer, _graph, _store);
        writer.Add(IndexSection.Recall, new RecallParameters(EstimatedRecall));
    }

    IBuiltIndex IBuiltIndex.Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Link(store, Options, progress, cancellationToken);

    /// <summary>Frees the memory or closes the file after the running searches have ended.</summary>
    public void Dispose() => _store.Dispose();

    private static NeighborGraph Link(
        RowStore store, NeighborGraphOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ParallelOptions parallel = RowStore.Parallelism(options.MaxThreads, cancellationToken);
        bool isQuantized = store.Rows.Metric != Metric.InnerProduct
            && CodeRecall.Serves(store, GraphSearch.QuantizedEffort, parallel);
        return isQuantized ? Link<CodePoints>(store, options, progress, cancellationToken)
            : store.Rows.Metric == Metric.InnerProduct
                ? Link<VectorPoints<InnerProductOrder>>(store, options, progress, cancellationToken)
                : Link<VectorPoints<EuclideanOrder>>(store, options, progress, cancellationToken);
    }

    private static NeighborGraph Link<TPoints>(
        RowStore store, NeighborGraphOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
        where TPoints : struct, IGraphPoints<TPoints>
    {
        using var builder = new GraphBuilder<TPoints>(store, options, progress, cancellationToken);
        GraphLinks graph = builder.Build();
        return new NeighborGraph(store, graph, builder.Tune(graph));
    }

    /// <summary>Describes what is wrong with options; null if they are valid.</summary>
    internal static string? Validate(NeighborGraphOptions options) =>
        options.MaxDegree is < 4 or > 128 ? $"MaxDegree is {options.MaxDegree}; expected 4 to 128."
        : options.BuildEffort < options.MaxDegree || options.BuildEffort > MaxBuildEffort
            ? $"BuildEffort is {options.BuildEffort}; expected MaxDegree, {options.MaxDegree}, to {MaxBuildEffort}."
        : !(options.Alpha is >= 1 and <= 10) ? $"Alpha is {options.Alpha}; expected 1 to 10."
        : options.TargetRecall is { } target && !(target is > 0 and <= 1) ? $"TargetRecall is {target}; expected above 0, at most 1."
        : options.TargetNeighbors < 1 ? $"TargetNeighbors is {options.TargetNeighbors}; expected at least 1."
        : options.MaxThreads < 0 ? $"MaxThreads is {options.MaxThreads}; expected 0 or more."
        : null;

    /// <summary>The default effort of a search; the number of rows if it is exact.</summary>
    private int DefaultEffort => EstimatedRecall is null ? GraphSearch.DefaultEffort(_graph)
        : EstimatedRecall.Queries == 0 ? Count : EstimatedRecall.SearchEffort;

    /// <summary>
    /// The size of the pool that contains enough allowed rows; the number of all rows if scanning the allowed ones is faster.
    /// </summary>
    private long FilteredEffort(long effort, in SearchOptions options)
    {
        double share = FilterSelectivity.Of(options, Count);
        return GraphSearch.IsScanLessWork(effort, share * share * Count) ? Count : (long)Math.Min(Count, effort / share);
    }
}
