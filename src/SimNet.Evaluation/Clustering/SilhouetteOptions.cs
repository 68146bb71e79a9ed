namespace SimNet.Evaluation;

/// <summary>Options for <see cref="ClusteringMetrics.Silhouette"/>.</summary>
public sealed record SilhouetteOptions
{
    /// <summary>
    /// The number of vectors, drawn without replacement, whose coefficients are averaged; at least 1. Each coefficient is computed against
    /// all vectors, so the mean is an unbiased estimate. <see langword="null"/> (the default), or more than there are vectors, means all
    /// vectors.
    /// </summary>
    public int? SampleSize { get; init; }

    /// <summary>The seed of the sample; 0 by default.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The maximum number of threads; 0 (the default) means one per processor. The result has the same bits for any number of threads.
    /// </summary>
    public int MaxThreads { get; init; }
}
