namespace SimNet.Evaluation;

/// <summary>How <see cref="ClusteringMetrics.Silhouette"/> is computed.</summary>
public sealed record SilhouetteOptions
{
    /// <summary>
    /// Number of vectors, drawn without repetition, whose silhouettes are averaged; each is still computed against all vectors, so the
    /// mean is an unbiased estimate of the exact one. All vectors by default, and where this exceeds their number; at least 1.
    /// </summary>
    public int? SampleSize { get; init; }

    /// <summary>Chooses the sample; 0 by default.</summary>
    public long Seed { get; init; }

    /// <summary>Most threads to use; -1, the default, for all cores. The result has the same bits at any number.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
