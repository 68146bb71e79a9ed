namespace SimNet.Index;

/// <summary>A whole search of a forest: candidates from its leaves, the best of them by their codes, the nearest of these by their numbers.</summary>
internal static unsafe class ForestSearch
{
    /// <summary>
    /// So many times the neighbours wanted are compared number by number. On 60,000 pictures the first 30 by codes of 128 numbers have the
    /// ten nearest for nine queries in ten.
    /// </summary>
    private const long RerankedPerNeighbor = 3;

    /// <summary>Of many candidates one in so many is, lest the codes' error be what limits a search of high effort.</summary>
    private const int CandidatesPerReranked = 32;

    /// <summary>So many rows ahead their numbers are asked for.</summary>
    private const int Ahead = 2;

    /// <summary>Searches for the query that the scratch holds.</summary>
    /// <returns>How many neighbours were found.</returns>
    public static int Run(RowStore store, ForestTrees trees, ForestScratch scratch, Span<Neighbor> results, long effort, in SearchOptions options) =>
        store.Rows.Metric switch
        {
            Metric.Euclidean => Run<EuclideanDistance>(store, trees, scratch, results, effort, options),
            Metric.Cosine => Run<CosineDistance>(store, trees, scratch, results, effort, options),
            _ => Run<InnerProductDistance>(store, trees, scratch, results, effort, options),
        };

    /// <summary>How many rows of a search are compared number by number at most.</summary>
    public static int RerankCountFor(int neighbors, long effort) =>
        (int)Math.Min(int.MaxValue, Math.Max(RerankedPerNeighbor * neighbors, neighbors + (effort / CandidatesPerReranked)));

    // What comes after this much of a row, the processor foresees.
    private static int PrefetchedBytes(VectorRows rows) => Math.Min(rows.Stride * sizeof(float), 4096);

    private static int Run<TDistance>(
        RowStore store, ForestTrees trees, ForestScratch scratch, Span<Neighbor> results, long effort, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        scratch.Code.Encode(scratch.Query.Pointer);
        ForestTraversal.Collect(trees, store.Rows, store.Codes, scratch, effort, options);
        int places = RerankCountFor(results.Length, effort);

        // Fewer candidates than asked for are all that the filter allows, and the answer is to be exact.
        bool isRanked = scratch.CandidateCount >= effort && scratch.CandidateCount > places;
        if (isRanked)
        {
            ForestTraversal.Rank(store.Codes, scratch, places);
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
