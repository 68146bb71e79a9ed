namespace SimNet.Index;

/// <summary>A forest search: collects candidates from the leaves, ranks them by code, and re-ranks the best in full precision.</summary>
internal static unsafe class ForestSearch
{
    /// <summary>
    /// The number of candidates to re-rank for each neighbor wanted. On 60,000 images, the 30 best by 128-component codes contain the ten
    /// nearest for nine queries in ten.
    /// </summary>
    private const long RerankedPerNeighbor = 3;

    /// <summary>
    /// The number of candidates for each one that is re-ranked, so that the quantization error does not limit the recall at a high effort.
    /// </summary>
    private const int CandidatesPerReranked = 32;

    /// <summary>The number of candidates that a search for ten neighbors with the default effort compares in full precision.</summary>
    public const int UsualRerankCount = 47;

    /// <summary>The distance of prefetching, in rows.</summary>
    private const int Ahead = 2;

    /// <summary>Searches for the query in the scratch buffers.</summary>
    /// <returns>The number of neighbors found.</returns>
    public static int Run(
        RowStore store, ForestTrees trees, ForestScratch scratch, Span<Neighbor> results, long effort, in SearchOptions options) =>
        store.Rows.Metric switch
        {
            Metric.Euclidean => Run<EuclideanDistance>(store, trees, scratch, results, effort, options),
            Metric.Cosine => Run<CosineDistance>(store, trees, scratch, results, effort, options),
            _ => Run<InnerProductDistance>(store, trees, scratch, results, effort, options),
        };

    /// <summary>The maximum number of rows to compare in full precision.</summary>
    public static int RerankCountFor(int neighbors, long effort) =>
        (int)Math.Min(int.MaxValue, Math.Max(RerankedPerNeighbor * neighbors, neighbors + (effort / CandidatesPerReranked)));

    // The hardware prefetcher loads the rest of a row.
    private static int PrefetchedBytes(VectorRows rows) => Math.Min(rows.Stride * sizeof(float), 4096);

    private static int Run<TDistance>(
        RowStore store, ForestTrees trees, ForestScratch scratch, Span<Neighbor> results, long effort, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        scratch.Code.Encode(scratch.Query.Pointer);
        ForestTraversal.Collect(trees, store.Rows, store.Codes, scratch, effort, options);
        int rerankCount = RerankCountFor(results.Length, effort);

        // Fewer candidates than the effort are all that the filter allows, and the answer must then be exact.
        bool isRanked = trees.Parameters.IsRanked == 1 && scratch.CandidateCount >= effort && scratch.CandidateCount > rerankCount;
        if (isRanked)
        {
            ForestTraversal.Rank(store.Codes, scratch, rerankCount);
            isRanked = store.Codes.DoRank(scratch.Pool);
        }

        ReadOnlySpan<int> candidates = isRanked ? scratch.Best() : new ReadOnlySpan<int>(scratch.Candidates, scratch.CandidateCount);
        var nearest = new NeighborHeap(results);
        VectorRows rows = store.Rows;
        for (int i = 0; i < candidates.Length; i++)
        {
            if (i + Ahead < candidates.Length)
            {
                Prefetch.Lines(rows.Row(candidates[i + Ahead]), PrefetchedBytes(rows));
            }

            nearest.Offer(candidates[i], TDistance.Compute(scratch.Query.Pointer, rows.Row(candidates[i]), rows.Stride));
        }

        return nearest.Sort();
    }
}
