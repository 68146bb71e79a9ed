using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// Measures whether codes tell rows apart: the share of a row's true neighbors that are among the rows with the nearest codes. One step
/// serves all codes, so it is too coarse for rows in dense clusters if others lie far away, and its range clips rows with few large
/// components. An index of such rows compares vectors instead of codes.
/// </summary>
internal static unsafe class CodeRecall
{
    /// <summary>The share of true neighbors below which codes do not serve.</summary>
    private const double Sufficient = 0.98;

    private const int Lanes = 4;
    private const int MaxQueries = 128;
    private const int Neighbors = 10;

    /// <summary>
    /// Whether an index should compare codes: they tell rows apart, and are shorter than the rows. The codes of up to 16 dimensions are
    /// not.
    /// </summary>
    public static bool Serves(RowStore store, int ranked, ParallelOptions parallel) =>
        store.Codes.Stride < store.Rows.Stride * sizeof(float) && Measure(store, ranked, parallel) >= Sufficient;

    /// <summary>Measures with rows spread evenly over the store.</summary>
    /// <param name="store">The rows and their codes.</param>
    /// <param name="ranked">The number of rows with the nearest codes that a search compares in full precision.</param>
    /// <param name="parallel">The number of threads, and the cancellation.</param>
    /// <returns>The share of true neighbors; 1 for a store of at most <paramref name="ranked"/> rows.</returns>
    private static double Measure(RowStore store, int ranked, ParallelOptions parallel)
    {
        int count = store.Rows.Count, queries = Math.Min(MaxQueries, count);
        if (count <= ranked)
        {
            return 1;
        }

        var hits = new int[queries];
        var scratches = new ScratchPool<FlatSearchScratch>(() => new FlatSearchScratch(store.Rows, store.Codes));
        Parallel.For(0, queries, parallel, i =>
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            FlatSearchScratch scratch = scratches.Rent();
            hits[i] = CountHits(store, scratch, (int)((long)i * count / queries), ranked);
            scratches.Return(scratch);
        });
        return hits.Sum() / ((double)Math.Min(Neighbors, count - 1) * queries);
    }

    private static int CountHits(RowStore store, FlatSearchScratch scratch, int row, int ranked)
    {
        VectorRows rows = store.Rows;
        ScalarQuantizedCodes codes = store.Codes;
        new ReadOnlySpan<float>(rows.Row(row), rows.Stride).CopyTo(scratch.Query.Span);
        var nearest = new Neighbor[Math.Min(Neighbors, rows.Count - 1)];
        store.FlatSearch.Search(scratch, nearest, new SearchOptions { Filter = other => other != row });
        scratch.Code.Encode(scratch.Query.Pointer);
        var pool = new CandidatePool();
        pool.Begin(ranked);
        int last = rows.Count - 1;
        for (int i = 0; i < rows.Count; i += Lanes)
        {
            Vector128<int> distances = CodeDistanceKernel.Compute(
                scratch.Code.Code,
                codes.Code(i),
                codes.Code(Math.Min(i + 1, last)),
                codes.Code(Math.Min(i + 2, last)),
                codes.Code(Math.Min(i + 3, last)),
                codes.Stride);
            for (int lane = 0; lane < Lanes && i + lane <= last; lane++)
            {
                if (i + lane != row)
                {
                    pool.Offer(i + lane, distances[lane]);
                }
            }
        }

        // By distance, because any of several equally near rows is right.
        int hits = 0;
        for (int place = 0; place < pool.Count && hits < nearest.Length; place++)
        {
            float distance = VectorDistance.Compute(rows.Metric, scratch.Query.Pointer, rows.Row(pool.Row(place)), rows.Stride);
            hits += distance <= nearest[^1].Distance ? 1 : 0;
        }

        return hits;
    }
}
