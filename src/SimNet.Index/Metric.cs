namespace SimNet.Index;

/// <summary>What "near" means. Smaller is nearer for all of them.</summary>
public enum Metric
{
    /// <summary>The length of the difference, √Σ(a−b)²: not squared, in [0, ∞).</summary>
    Euclidean = 0,

    /// <summary>
    /// One minus the cosine of the angle, in [0, 2]; an index of this metric stores its vectors normalised to length one.
    /// A zero vector points nowhere: its cosine is taken to be 0, so it is at distance 1 from every vector, itself included.
    /// </summary>
    Cosine = 1,

    /// <summary>Minus the dot product, in (−∞, ∞): the largest product is the nearest.</summary>
    InnerProduct = 2,
}
