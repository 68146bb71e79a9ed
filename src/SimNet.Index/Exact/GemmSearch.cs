using System.Numerics;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// In |q - x|² = |q|² + |x|² - 2qx, only the products are expensive. Those of 32 queries with all rows are a matrix product (GEMM), which
// runs at the speed of arithmetic instead of memory. It rounds differently from the distance kernels, so it only selects candidates:
//
//   for each block of rows, for each row x and query q of the panel:
//     unless |x|² - 2qx proves x to be farther from q than the k-th nearest so far:
//       d <- their distance, computed by the distance kernel; keep the k smallest

/// <summary>Exact search for many queries at once, for rows without dominant principal components, whose codes would save little.</summary>
internal sealed unsafe class GemmSearch(VectorRows rows)
{
    private const int BlockRows = 256;

    /// <summary>The minimum number of queries for which a panel pays off.</summary>
    public const int MinQueries = 8;

    /// <summary>The minimum number of rows per neighbor wanted: with fewer rows, most of them would be candidates.</summary>
    public const int RowsPerResult = 8;

    /// <summary>Searches for up to <see cref="GemmKernel.PanelRows"/> queries.</summary>
    /// <param name="queries">The queries in the form of <see cref="VectorRows.StoreQuery"/>.</param>
    /// <param name="results">Receives the neighbors of each query.</param>
    /// <param name="found">Receives the number of neighbors of each query.</param>
    /// <param name="options">The allowed rows.</param>
    /// <param name="cancellationToken">Checked every few hundred rows.</param>
    public void Search(
        VectorBuffer[] queries, Neighbor[][] results, int[] found, SearchOptions options, CancellationToken cancellationToken)
    {
        switch (rows.Metric)
        {
            case Metric.Euclidean:
                Search<EuclideanDistance>(queries, results, found, options, cancellationToken);
                break;
            case Metric.Cosine:
                Search<CosineDistance>(queries, results, found, options, cancellationToken);
                break;
            default:
                Search<InnerProductDistance>(queries, results, found, options, cancellationToken);
                break;
        }
    }

    private void Search<TDistance>(
        VectorBuffer[] queries, Neighbor[][] results, int[] found, SearchOptions options, CancellationToken cancellationToken)
        where TDistance : struct, IDistance
    {
        using var memory = new IndexMemory();
        int stride = rows.Stride;
        float* panel = memory.Allocate<float>((long)stride * GemmKernel.PanelRows);
        float* products = memory.Allocate<float>(BlockRows * GemmKernel.PanelRows);
        float* limits = memory.Allocate<float>(GemmKernel.PanelRows);
        float* slacks = memory.Allocate<float>(GemmKernel.PanelRows);
        double[] squares = Pack(queries, panel, memory);

        // The error of a sum of rounded products, relative to the product of both norms, plus the same again for the operations around it.
        double rounding = (stride + 64.0) / (1 << 24);
        for (int query = 0; query < GemmKernel.PanelRows; query++)
        {
            bool isQuery = query < queries.Length;
            limits[query] = isQuery ? float.PositiveInfinity : float.NegativeInfinity;
            slacks[query] = isQuery ? (float)(4 * rounding * (Math.Sqrt(squares[query]) + 1e-18)) : 0;
        }

        for (int first = 0; first < rows.Count; first += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(BlockRows, rows.Count - first);
            GemmKernel.Compute(rows.Row(first), count, stride, panel, stride, products, GemmKernel.PanelRows);
            for (int i = 0; i < count; i++)
            {
                float* row = rows.Row(first + i);
                float square = rows.Metric == Metric.Euclidean ? DotKernel.Compute(row, row, stride) : 0;
                float length = rows.Metric == Metric.Euclidean ? MathF.Sqrt(square)
                    : rows.Metric == Metric.Cosine ? 1 : MathF.Sqrt(DotKernel.Compute(row, row, stride));
                uint candidates = FindCandidates(
                    products + (i * GemmKernel.PanelRows), square, length, (float)(4 * rounding), limits, slacks);
                for (; candidates != 0; candidates &= candidates - 1)
                {
                    int query = BitOperations.TrailingZeroCount(candidates);
                    if (options.Allows(first + i))
                    {
                        // The results are a heap until all rows are processed.
                        var nearest = new NeighborHeap(results[query], found[query]);
                        nearest.Offer(first + i, TDistance.Compute(queries[query].Pointer, row, stride));
                        found[query] = nearest.Count;
                        limits[query] = LimitOf(nearest.Farthest, squares[query], rounding);
                    }
                }
            }
        }

        for (int query = 0; query < queries.Length; query++)
        {
            new NeighborHeap(results[query], found[query]).Sort();
        }
    }

    /// <summary>Returns one bit for each query for which the row may be among the nearest.</summary>
    private static uint FindCandidates(float* products, float square, float length, float squareSlack, float* limits, float* slacks)
    {
        // |x|² - 2qx <= limit + slack·|x| + slack·|x|²
        uint candidates = 0;
        Vector256<float> minusTwo = Vector256.Create(-2f);
        Vector256<float> squares = Vector256.Create(square - (squareSlack * square));
        Vector256<float> lengths = Vector256.Create(length);
        for (int query = 0; query < GemmKernel.PanelRows; query += 8)
        {
            Vector256<float> key = Vector256.FusedMultiplyAdd(minusTwo, Vector256.Load(products + query), squares);
            Vector256<float> limit = Vector256.FusedMultiplyAdd(Vector256.Load(slacks + query), lengths, Vector256.Load(limits + query));
            candidates |= Vector256.LessThanOrEqual(key, limit).ExtractMostSignificantBits() << query;
        }

        return candidates;
    }

    /// <summary>
    /// The largest |x|² - 2qx (Euclidean) or -2qx (other metrics) of a row within this distance, including all rounding errors.
    /// </summary>
    private float LimitOf(float distance, double queryNormSquared, double rounding)
    {
        if (float.IsPositiveInfinity(distance))
        {
            return distance;
        }

        double limit = rows.Metric switch
        {
            Metric.Euclidean => ((double)distance * distance * (1 + (8 * rounding)))
                - queryNormSquared + (4 * rounding * queryNormSquared) + (rows.Stride * 1e-44),
            Metric.Cosine => (2 * ((double)distance - 1)) + (8 * rounding) + 1e-6,
            _ => (2.0 * distance) + (rows.Stride * 1e-44),
        };
        return (float)(limit + (Math.Abs(limit) * 1e-6));
    }

    private double[] Pack(VectorBuffer[] queries, float* panel, IndexMemory memory)
    {
        float* packed = memory.Allocate<float>((long)rows.Stride * queries.Length);
        var squares = new double[queries.Length];
        for (int query = 0; query < queries.Length; query++)
        {
            queries[query].Span.CopyTo(new Span<float>(packed + ((long)query * rows.Stride), rows.Stride));
            squares[query] = VectorRows.SumOfSquares(queries[query].Span);
        }

        GemmKernel.Pack(packed, queries.Length, rows.Stride, rows.Stride, panel);
        return squares;
    }
}
