namespace SimNet.Index;

/// <summary>
/// Approximate search by walking from neighbour to neighbour: every row is linked to some near ones in different directions, and a search goes
/// along the links towards the query. The fastest kind for large catalogs.
/// </summary>
/// <remarks>
/// The walk compares 8-bit codes of the rows' projection on the directions in which they vary most; the best that it finds are compared once more,
/// number by number, so the distances returned are exact. Takes, beyond the vectors and codes, four bytes a row and link. A code's step is about a
/// thirtieth of the standard deviation of the rows along a direction: rows that lie in heaps so dense that their differences are below it look the same
/// to a walk, and only a larger effort tells them apart.
/// </remarks>
public sealed unsafe class NeighborGraph : IVectorIndex, IBuiltIndex
{
    private const int DefaultEffort = 64;
    private const int MaxBuildEffort = 10_000;

    /// <summary>A row's first lines; the processor fetches the others by itself, as they follow one another.</summary>
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

    /// <summary>What the graph was built with; <see cref="NeighborGraphOptions.MaxThreads"/>, which leaves no trace in it, reads 0.</summary>
    public NeighborGraphOptions Options => _graph.Options;

    IndexKind IBuiltIndex.FileKind => IndexKind.Graph;

    RowStore IBuiltIndex.Store => _store;

    /// <summary>Copies vectors and links them.</summary>
    /// <param name="vectors">Row after row, each of <paramref name="dimensions"/> finite numbers and a length of at most 1e18; may be empty.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536.</param>
    /// <param name="metric">What distances mean.</param>
    /// <param name="options">How to build the graph; null for the defaults.</param>
    /// <param name="progress">Told the share done, 0 to 1, about a hundred times, in order.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    /// <exception cref="ArgumentException">
    /// The numbers are not whole rows, or one of them is not finite (the message names row and column) or a row is too long.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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
    /// The effort is how many of the best rows met so far a search remembers, and compares in the end; the default is 64. Where a filter allows so
    /// few rows that comparing the query with each of them is faster, or the walk has found too few, the answer is exact.
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

    /// <summary>Frees the memory or closes the file; searches still running end first.</summary>
    public void Dispose() => _store.Dispose();

    private static NeighborGraph Link(RowStore store, NeighborGraphOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var builder = new GraphBuilder(store, options, progress, cancellationToken);
        return new NeighborGraph(store, builder.Build());
    }

    /// <summary>What is wrong with options, or null.</summary>
    internal static string? Validate(NeighborGraphOptions options) =>
        options.MaxDegree is < 4 or > 128 ? $"MaxDegree is {options.MaxDegree}; expected 4 to 128."
        : options.BuildEffort < options.MaxDegree || options.BuildEffort > MaxBuildEffort ? $"BuildEffort is {options.BuildEffort}; expected MaxDegree, {options.MaxDegree}, to {MaxBuildEffort}."
        : !(options.Alpha is >= 1 and <= 10) ? $"Alpha is {options.Alpha}; expected 1 to 10."
        : options.MaxThreads < 0 ? $"MaxThreads is {options.MaxThreads}; expected 0 or more."
        : null;

    /// <summary>
    /// How many rows a walk must remember to have enough of those that a filter allows; all of them if comparing those that it allows is faster.
    /// </summary>
    private long FilteredEffort(long effort, in SearchOptions options)
    {
        // Both are linear: a walk in the rows that it remembers, a scan in those that it compares, at a fortieth of the time each.
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
