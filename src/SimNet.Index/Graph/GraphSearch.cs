namespace SimNet.Index;

/// <summary>A graph search: a beam search, and a comparison of the rows it finds in full precision.</summary>
internal static unsafe class GraphSearch
{
    /// <summary>
    /// The default effort of a search that compares codes, unless the build finds that it takes more to reach the target recall.
    /// </summary>
    public const int QuantizedEffort = 64;

    /// <summary>
    /// The default effort of a search that compares vectors, likewise. Vectors that codes do not tell apart, and inner products, are harder
    /// to search: with 128, no set of <c>hard-sets</c> has a lower recall than with hnswlib's defaults.
    /// </summary>
    public const int VectorEffort = 128;

    // Both are linear: a beam search in the size of the pool, and a scan in the number of rows, at a fortieth of the time per row.
    private const long ScannedRowsPerPooledRow = 40;

    /// <summary>The number of bytes of a row to prefetch; the hardware prefetcher loads the rest.</summary>
    private const int PrefetchedBytes = 256;

    /// <summary>The default effort of searches in a graph whose recall is not measured.</summary>
    public static int DefaultEffort(GraphLinks graph) => graph.IsQuantized ? QuantizedEffort : VectorEffort;

    /// <summary>Whether scanning this many rows is less work than a beam search with this effort.</summary>
    public static bool IsScanLessWork(long effort, double rows) => rows < ScannedRowsPerPooledRow * effort;

    /// <summary>Searches for the query in the scratch buffers.</summary>
    /// <param name="store">The rows and codes.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="scratch">Holds the query.</param>
    /// <param name="results">Receives the neighbors.</param>
    /// <param name="effort">The size of the pool (efSearch).</param>
    /// <param name="options">The allowed rows.</param>
    /// <param name="hidden">Rows that the search treats as if they were not in the graph.</param>
    /// <returns>
    /// The number of neighbors found; -1 if the codes of the rows found do not tell these rows apart, so that others may be nearer.
    /// </returns>
    public static int Run(
        RowStore store,
        GraphLinks graph,
        GraphScratch scratch,
        Span<Neighbor> results,
        int effort,
        in SearchOptions options,
        ReadOnlySpan<int> hidden = default)
    {
        scratch.Begin(effort);
        foreach (int row in hidden)
        {
            scratch.Visited.Add(row);
        }

        if (graph.IsQuantized)
        {
            scratch.Code.Encode(scratch.Query.Pointer);
            BeamSearch.Run(new CodePoints(store.Codes, scratch.Code.Code), graph, scratch);
            if (!store.Codes.DoRank(scratch.Pool))
            {
                return -1;
            }
        }
        else if (store.Rows.Metric == Metric.InnerProduct)
        {
            BeamSearch.Run(new VectorPoints<InnerProductOrder>(store.Rows, scratch.Query.Pointer), graph, scratch);
        }
        else
        {
            BeamSearch.Run(new VectorPoints<EuclideanOrder>(store.Rows, scratch.Query.Pointer), graph, scratch);
        }

        return store.Rows.Metric switch
        {
            Metric.Euclidean => Rank<EuclideanDistance>(store.Rows, scratch, results, options),
            Metric.Cosine => Rank<CosineDistance>(store.Rows, scratch, results, options),
            _ => Rank<InnerProductDistance>(store.Rows, scratch, results, options),
        };
    }

    private static int Rank<TDistance>(VectorRows rows, GraphScratch scratch, Span<Neighbor> results, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        var nearest = new NeighborHeap(results);
        CandidatePool pool = scratch.Pool;
        for (int place = 0; place < pool.Count; place++)
        {
            if (place + 1 < pool.Count)
            {
                Prefetch.Lines(rows.Row(pool.Row(place + 1)), PrefetchedBytes);
            }

            int row = pool.Row(place);
            if (options.Allows(row))
            {
                nearest.Offer(row, TDistance.Compute(scratch.Query.Pointer, rows.Row(row), rows.Stride));
            }
        }

        return nearest.Sort();
    }
}
