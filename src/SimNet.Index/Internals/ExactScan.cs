namespace SimNet.Index;

/// <summary>Compares a query with every row that may be found. Every kind of index has one, for what only an exact answer will do.</summary>
internal sealed unsafe class ExactScan(VectorRows rows)
{
    /// <summary>The nearest rows, sorted; as many as there is room for.</summary>
    public int Search(float* query, Span<Neighbor> results, in SearchOptions options) => rows.Metric switch
    {
        Metric.Euclidean => Search<EuclideanDistance>(query, results, options),
        Metric.Cosine => Search<CosineDistance>(query, results, options),
        _ => Search<InnerProductDistance>(query, results, options),
    };

    /// <summary>All rows within a distance, sorted.</summary>
    public Neighbor[] Range(float* query, float radius, in SearchOptions options) => rows.Metric switch
    {
        Metric.Euclidean => Range<EuclideanDistance>(query, radius, options),
        Metric.Cosine => Range<CosineDistance>(query, radius, options),
        _ => Range<InnerProductDistance>(query, radius, options),
    };

    private int Search<TDistance>(float* query, Span<Neighbor> results, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        var nearest = new NeighborHeap(results);
        for (int id = 0; id < rows.Count; id++)
        {
            if (options.Allows(id))
            {
                nearest.Offer(id, TDistance.Compute(query, rows.Row(id), rows.Stride));
            }
        }

        return nearest.Sort();
    }

    private Neighbor[] Range<TDistance>(float* query, float radius, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        var found = new List<Neighbor>();
        for (int id = 0; id < rows.Count; id++)
        {
            if (options.Allows(id) && TDistance.Compute(query, rows.Row(id), rows.Stride) is float distance && distance <= radius)
            {
                found.Add(new Neighbor(id, distance));
            }
        }

        // Rows came by number, and sorting by distance first and number second gives one order only.
        found.Sort((a, b) => a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : a.Id.CompareTo(b.Id));
        return [.. found];
    }
}
