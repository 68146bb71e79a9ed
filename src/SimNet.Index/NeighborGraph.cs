namespace SimNet.Index;

/// <summary>
/// Approximate search by walking from neighbour to neighbour: every row is linked to some near ones in different directions, and a search goes
/// along the links towards the query. The fastest kind for large catalogs.
/// </summary>
/// <remarks>
/// The walk compares 8-bit codes of the rows' projection on the directions in which they vary most; the best that it finds are compared once more,
/// number by number, so the distances returned are exact. Takes, beyond the vectors and codes, four bytes a row and link.
/// </remarks>
public sealed unsafe class NeighborGraph : IVectorIndex
{
    private const int DefaultEffort = 64;

    private readonly RowStore _store;
    private readonly GraphLinks _graph;
    private readonly ScratchPool<GraphScratch> _pool;

    internal NeighborGraph(RowStore store, GraphLinks graph)
    {
        _store = store;
        _graph = graph;
        _pool = new ScratchPool<GraphScratch>(() => new GraphScratch(store.Rows, store.Codes, graph.Options.MaxLinks));
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
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLinks, 4, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxLinks, 128, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BuildEffort, options.MaxLinks, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Diversity, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxThreads, nameof(options));
        RowStore store = RowStore.Build(vectors, dimensions, metric, options.MaxThreads, cancellationToken);
        try
        {
            using var builder = new GraphBuilder(store, options, progress, cancellationToken);
            return new NeighborGraph(store, builder.Build());
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SearchEffort, nameof(options));
        int effort = Math.Max(options.SearchEffort == 0 ? DefaultEffort : options.SearchEffort, results.Length);
        if (effort >= Count || options.IsFiltered)
        {
            return _store.Search(this, query, results, options);
        }

        GraphScratch scratch = _pool.Rent();
        try
        {
            using IndexMemory.Lease lease = _store.Memory.Enter(this);
            _store.Rows.StoreQuery(query, scratch.Query.Pointer);
            return results.IsEmpty ? 0 : Metric switch
            {
                Metric.Euclidean => Search<EuclideanDistance>(scratch, results, effort),
                Metric.Cosine => Search<CosineDistance>(scratch, results, effort),
                _ => Search<InnerProductDistance>(scratch, results, effort),
            };
        }
        finally
        {
            _pool.Return(scratch);
        }
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
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        throw new NotSupportedException();
    }

    /// <summary>Frees the memory or closes the file; searches still running end first.</summary>
    public void Dispose() => _store.Dispose();

    private int Search<TDistance>(GraphScratch scratch, Span<Neighbor> results, int effort)
        where TDistance : struct, IDistance
    {
        scratch.Code.Encode(scratch.Query.Pointer);
        GraphWalk.Run(
            _store.Codes, _graph.Links, _graph.Options.MaxLinks, new ReadOnlySpan<int>(_graph.Entries, _graph.EntryCount), scratch.Code.Code, effort, scratch);
        var nearest = new NeighborHeap(results);
        CandidatePool pool = scratch.Pool;
        for (int place = 0; place < pool.Count; place++)
        {
            if (place + 1 < pool.Count)
            {
                Prefetch.Lines(_store.Rows.Row(pool.Row(place + 1)), 256);
            }

            int row = pool.Row(place);
            nearest.Offer(row, TDistance.Compute(scratch.Query.Pointer, _store.Rows.Row(row), _store.Rows.Stride));
        }

        return nearest.Sort();
    }
}
