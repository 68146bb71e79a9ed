using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// Flat search with refinement (filter and refine; Seidl and Kriegel, "Optimal multi-step k-nearest neighbor search", 1998). The filter is a
// lower bound of the distance from the scalar-quantized codes of a projection (ScalarQuantizedCodes):
//
//   for each row: e <- squared distance of the first stage of its code from the query's    (one cache line per row)
//   T <- the k-th smallest true distance among the k rows with the smallest e
//   for each row that e does not prove to be farther than T:
//     unless the whole code proves it: d <- its true distance; keep the k smallest; T <- the k-th
//
// Rows within T are never excluded, so the answer is bit for bit that of a scan without a filter.

/// <summary>Exact search over all allowed rows. Every kind of index has one for the searches that require an exact answer.</summary>
internal sealed unsafe class FlatSearch(VectorRows rows, ScalarQuantizedCodes codes)
{
    private const int Lanes = 4;
    private const int Block = 16;

    /// <summary>Finds the nearest rows, sorted.</summary>
    /// <param name="scratch">Holds the query.</param>
    /// <param name="results">Receives the neighbors; its length is the number of neighbors wanted.</param>
    /// <param name="options">The allowed rows.</param>
    public int Search(FlatSearchScratch scratch, Span<Neighbor> results, in SearchOptions options) => rows.Metric switch
    {
        Metric.Euclidean => Search<EuclideanDistance>(scratch, results, options),
        Metric.Cosine => Search<CosineDistance>(scratch, results, options),
        _ => Search<InnerProductDistance>(scratch, results, options),
    };

    /// <summary>Finds all rows within a radius, sorted.</summary>
    public Neighbor[] Range(FlatSearchScratch scratch, float radius, in SearchOptions options) => rows.Metric switch
    {
        Metric.Euclidean => Range<EuclideanDistance>(scratch, radius, options),
        Metric.Cosine => Range<CosineDistance>(scratch, radius, options),
        _ => Range<InnerProductDistance>(scratch, radius, options),
    };

    /// <summary>Computes the true distance of every allowed row, for searches that a filter cannot speed up.</summary>
    private int ScanAll<TDistance>(FlatSearchScratch scratch, Span<Neighbor> results, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        var nearest = new NeighborHeap(results);
        float* query = scratch.Query.Pointer;
        for (int id = 0; id < rows.Count; id++)
        {
            if (options.Allows(id))
            {
                nearest.Offer(id, TDistance.Compute(query, rows.Row(id), rows.Stride));
            }
        }

        return nearest.Sort();
    }

    private int Search<TDistance>(FlatSearchScratch scratch, Span<Neighbor> results, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        // With most of the rows wanted, a filter excludes nothing.
        if (results.Length > rows.Count / 8)
        {
            return ScanAll<TDistance>(scratch, results, options);
        }

        QueryCode query = scratch.Code;
        query.Encode(scratch.Query.Pointer);
        query.FindBounds();
        int count = PrepareCandidates(scratch, options.Rows);
        ComputeEstimates(scratch, count, results.Length, options.Filter);
        var nearest = new NeighborHeap(results);
        foreach (int position in scratch.Nearest)
        {
            int id = scratch.Row(position);
            nearest.Offer(id, TDistance.Compute(scratch.Query.Pointer, rows.Row(id), rows.Stride));
            scratch.Estimates[position] = float.NaN;
        }

        float radius = query.RadiusOf(nearest.Farthest);
        for (int position = 0; position < count;)
        {
            position = scratch.NextWithin(position, count, radius + query.FirstStageBound.Error);
            if (position == count)
            {
                break;
            }

            int id = scratch.Row(position++);
            if ((options.Filter is null || options.Filter(id)) && MayBeWithin(query, id, radius))
            {
                nearest.Offer(id, TDistance.Compute(scratch.Query.Pointer, rows.Row(id), rows.Stride));
                radius = query.RadiusOf(nearest.Farthest);
            }
        }

        return nearest.Sort();
    }

    private Neighbor[] Range<TDistance>(FlatSearchScratch scratch, float radius, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        QueryCode query = scratch.Code;
        query.Encode(scratch.Query.Pointer);
        query.FindBounds();
        int count = PrepareCandidates(scratch, options.Rows);
        ComputeEstimates(scratch, count, wanted: 0, filter: null);
        var found = new List<Neighbor>();
        float bound = query.RadiusOf(radius);
        for (int position = 0; position < count;)
        {
            position = scratch.NextWithin(position, count, bound + query.FirstStageBound.Error);
            if (position == count)
            {
                break;
            }

            int id = scratch.Row(position++);
            if (MayBeWithin(query, id, bound) && (options.Filter is null || options.Filter(id))
                && TDistance.Compute(scratch.Query.Pointer, rows.Row(id), rows.Stride) is float distance && distance <= radius)
            {
                found.Add(new Neighbor(id, distance));
            }
        }

        // IDs are unique, so the order is total.
        found.Sort((a, b) => a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : a.Id.CompareTo(b.Id));
        return [.. found];
    }

    /// <summary>Prepares the rows of a set, or all rows, as candidates and returns their number.</summary>
    private int PrepareCandidates(FlatSearchScratch scratch, RowSet? set)
    {
        if (set is null)
        {
            scratch.BeginAll(codes.FirstStageBounds, rows.Count);
            return rows.Count;
        }

        return scratch.BeginSome(codes.FirstStageBounds, set, rows.Count);
    }

    /// <summary>Whether the whole code does not exclude that a row is within a radius.</summary>
    private bool MayBeWithin(QueryCode query, int id, float radius)
    {
        if (!codes.HasSecondStage)
        {
            return true;
        }

        sbyte* code = codes.Code(id);
        float residual = query.CodeBound.Residual - codes.CodeBounds.Residuals[id];
        int distance = CodeDistanceKernel.Compute(query.Code, code, code, code, code, codes.Stride)[0];
        float estimate = (distance * (codes.Step * codes.Step)) + (residual * residual);
        float limit = radius + query.CodeBound.Error + codes.CodeBounds.Errors[id];
        return estimate <= limit * limit * FlatSearchScratch.RoundingAllowance;
    }

    /// <summary>Computes the squared estimate of every candidate and collects the <paramref name="wanted"/> smallest.</summary>
    private void ComputeEstimates(FlatSearchScratch scratch, int count, int wanted, Func<int, bool>? filter)
    {
        short* query = scratch.Code.Code;
        int stride = codes.Stride, length = codes.FirstStageStride;
        float* estimates = scratch.Estimates, residuals = codes.FirstStageBounds.Residuals;
        int* ids = scratch.Ids;
        Vector128<float> squaredStep = Vector128.Create(codes.Step * codes.Step);
        Vector128<float> residual = Vector128.Create(scratch.Code.FirstStageBound.Residual);
        var smallest = new EstimateHeap(scratch.NearestRoom(wanted));
        Vector128<float> limit = Vector128.Create(wanted == 0 ? float.NegativeInfinity : float.PositiveInfinity);
        for (int position = 0; position < count; position += Lanes)
        {
            Vector128<float> outside;
            sbyte* code0, code1, code2, code3;
            if (ids == null && position + Lanes <= count)
            {
                code0 = codes.Codes + ((long)position * stride);
                code1 = code0 + stride;
                code2 = code1 + stride;
                code3 = code2 + stride;
                outside = residual - Vector128.Load(residuals + position);
            }
            else
            {
                int last = count - 1;
                int id0 = scratch.Row(position), id1 = scratch.Row(Math.Min(position + 1, last));
                int id2 = scratch.Row(Math.Min(position + 2, last)), id3 = scratch.Row(Math.Min(position + 3, last));
                code0 = codes.Code(id0);
                code1 = codes.Code(id1);
                code2 = codes.Code(id2);
                code3 = codes.Code(id3);
                outside = residual - Vector128.Create(residuals[id0], residuals[id1], residuals[id2], residuals[id3]);
            }

            Vector128<int> inside = CodeDistanceKernel.Compute(query, code0, code1, code2, code3, length);
            Vector128<float> estimate = (Vector128.ConvertToSingle(inside) * squaredStep) + (outside * outside);
            estimate.Store(estimates + position);
            if (Vector128.LessThanAny(estimate, limit))
            {
                limit = Vector128.Create(Collect(ref smallest, scratch, position, Math.Min(count, position + Lanes), filter));
            }
        }

        scratch.KeepNearest(smallest.Count);
        for (int position = count; position % Block != 0; position++)
        {
            estimates[position] = float.NaN;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Collect(ref EstimateHeap smallest, FlatSearchScratch scratch, int start, int end, Func<int, bool>? filter)
    {
        for (int position = start; position < end; position++)
        {
            if (scratch.Estimates[position] < smallest.Limit && (filter is null || filter(scratch.Row(position))))
            {
                smallest.Offer(position, scratch.Estimates[position]);
            }
        }

        return smallest.Limit;
    }
}
