namespace SimNet.Index;

/// <summary>How the distance between two vectors is measured. Smaller means nearer for every metric.</summary>
public enum Metric
{
    /// <summary>Euclidean distance, √Σ(a - b)²; not squared; in [0, ∞).</summary>
    Euclidean = 0,

    /// <summary>
    /// Cosine distance: 1 minus the cosine of the angle, in [0, 2]. The index stores its vectors normalized to unit length. The cosine with
    /// a zero vector is defined as 0, so a zero vector is at distance 1 from every vector, itself included.
    /// </summary>
    Cosine = 1,

    /// <summary>The negated inner product, -Σab, in (-∞, ∞): the largest product is the nearest.</summary>
    InnerProduct = 2,
}
