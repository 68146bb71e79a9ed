namespace SimNet.Index;

/// <summary>The distance of a metric that is known at run time only.</summary>
internal static unsafe class VectorDistance
{
    /// <summary>Computes as <see cref="IDistance"/> does.</summary>
    public static float Compute(Metric metric, float* query, float* row, int stride) => metric switch
    {
        Metric.Euclidean => EuclideanDistance.Compute(query, row, stride),
        Metric.Cosine => CosineDistance.Compute(query, row, stride),
        _ => InnerProductDistance.Compute(query, row, stride),
    };
}
