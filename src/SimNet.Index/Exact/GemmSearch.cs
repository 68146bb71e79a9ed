using System.Numerics;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// Of |q - x|² = |q|² + |x|² - 2 qx only the products are many, and those of 32 queries with all rows are a matrix product, which runs at the
// speed of arithmetic instead of memory. It rounds otherwise than a scan does, so it only proposes:
//
//   for each block of rows, for each row x and query q of the panel:
//     unless |x|² - 2 qx proves x to be farther from q than the k-th nearest so far:
//       d <- their distance as a scan computes it; keep the k smallest

/// <summary>Exact search for many queries at once, where the rows vary in all directions alike and codes would not save much.</summary>
internal sealed unsafe class GemmSearch(VectorRows rows)
{
    private const int BlockRows = 256;

    /// <summary>Below so many queries a panel is too empty to pay.</summary>
    public const int MinQueries = 8;

    /// <summary>Asked for more than one of so many rows, proposing them would be to propose them all.</summary>
    public const int RowsPerResult = 8;

    /// <summary>Answers up to <see cref="GemmKernel.PanelRows"/> queries.</summary>
    /// <param name="queries">As <see cref="VectorRows.StoreQuery"/> stores them, one after the other.</param>
    /// <param name="results">For each query room for its neighbours.</param>
    /// <param name="found">Receives how many there are of each.</param>
    /// <param name="options">Which rows may be found.</param>
    /// <param name="cancellationToken">Checked every few hundred rows.</param>
    public void Search(VectorBuffer[] queries, Neighbor[][] results, int[] found, SearchOptions options, CancellationToken cancellationToken)
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

    private void Search<TDistance>(VectorBuffer[] queries, Neighbor[][] results, int[] found, SearchOptions options, CancellationToken cancellationToken)
        where TDistance : struct, IDistance
    {
        using var memory = new IndexMemory();
        int stride = rows.Stride;
        float* panel = memory.Allocate<float>((long)stride * GemmKernel.PanelRows);
        float* products = memory.Allocate<float>(BlockRows * GemmKernel.PanelRows);
        float* limits = memory.Allocate<float>(GemmKernel.PanelRows);
        float* slacks = memory.Allocate<float>(GemmKernel.PanelRows);
        double[] squares = Pack(queries, panel, memory);

        // A sum of so many products, each rounded, in terms of the two lengths' product; and as much again for what surrounds it.
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
                uint open = Open(products + (i * GemmKernel.PanelRows), square, length, (float)(4 * rounding), limits, slacks);
                for (; open != 0; open &= open - 1)
                {
                    int query = BitOperations.TrailingZeroCount(open);
                    if (options.Allows(first + i))
                    {
                        // The results are a heap until all rows were seen.
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

    /// <summary>One bit for each query to which a row may be near enough.</summary>
    private static uint Open(float* products, float square, float length, float squareSlack, float* limits, float* slacks)
    {
        // |x|² - 2 qx <= limit + slack·|x| + slack·|x|²
        uint open = 0;
        Vector256<float> minusTwo = Vector256.Create(-2f), squares = Vector256.Create(square - (squareSlack * square)), lengths = Vector256.Create(length);
        for (int query = 0; query < GemmKernel.PanelRows; query += 8)
        {
            Vector256<float> key = Vector256.FusedMultiplyAdd(minusTwo, Vector256.Load(products + query), squares);
            Vector256<float> limit = Vector256.FusedMultiplyAdd(Vector256.Load(slacks + query), lengths, Vector256.Load(limits + query));
            open |= Vector256.LessThanOrEqual(key, limit).ExtractMostSignificantBits() << query;
        }

        return open;
    }

    /// <summary>The largest |x|² − 2 qx, or −2 qx where rows count by their product alone, of a row as near as this, whatever was rounded.</summary>
    private float LimitOf(float distance, double queryLengthSquared, double rounding)
    {
        if (float.IsPositiveInfinity(distance))
        {
            return distance;
        }

        double limit = rows.Metric switch
        {
            Metric.Euclidean => ((double)distance * distance * (1 + (8 * rounding))) - queryLengthSquared + (4 * rounding * queryLengthSquared) + (rows.Stride * 1e-44),
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
