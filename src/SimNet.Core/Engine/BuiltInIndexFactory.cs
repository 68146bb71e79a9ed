using SimNet.Index;

namespace SimNet.Core;

/// <summary>The factory of this library's own index types. It opens all of them, whichever kind it builds.</summary>
/// <param name="Kind">The kind of index to build.</param>
/// <param name="TargetRecall">The share of the nearest images that searches are to find.</param>
/// <param name="ForestOptions">The options of a forest; <see langword="null"/> for those that reach the target.</param>
/// <param name="GraphOptions">The options of a graph; <see langword="null"/> for those that reach the target.</param>
internal sealed record BuiltInIndexFactory(
    IndexKind Kind,
    double TargetRecall = BuiltInIndexFactory.DefaultTargetRecall,
    RandomProjectionForestOptions? ForestOptions = null,
    NeighborGraphOptions? GraphOptions = null) : IVectorIndexFactory
{
    public const double DefaultTargetRecall = 0.95;

    /// <summary>Not stored in catalogs: a manifest without a name means this factory.</summary>
    public string Name => "simnet";

    public IVectorIndex Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        NeighborGraphOptions graphOptions = GraphOptions ?? new NeighborGraphOptions { TargetRecall = TargetRecall };
        return Kind switch
        {
            IndexKind.Exact => ExactIndex.Build(vectors, dimensions, metric, cancellationToken: cancellationToken),
            IndexKind.Forest => BuildForest(vectors, dimensions, metric, progress, cancellationToken),
            IndexKind.Graph => NeighborGraph.Build(vectors, dimensions, metric, graphOptions, progress, cancellationToken),
            _ => VectorIndex.Build(vectors, dimensions, metric, graphOptions, progress, cancellationToken),
        };
    }

    public IVectorIndex Open(string path, IndexOpenOptions? options = null) => VectorIndex.Open(path, options);

    /// <summary>Whether a recall is less than a target, or so near to it that chance decides.</summary>
    public static bool IsBelow(RecallEstimate? recall, double target) =>
        recall is not null && recall.Recall - recall.StandardError < target;

    /// <summary>
    /// Builds a forest with default options. If these do not reach the target, builds it again with options that do; tuning every forest
    /// would take several times as long.
    /// </summary>
    private RandomProjectionForest BuildForest(
        ReadOnlySpan<float> vectors, int dimensions, Metric metric, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (ForestOptions is not null)
        {
            return RandomProjectionForest.Build(vectors, dimensions, metric, ForestOptions, progress, cancellationToken);
        }

        RandomProjectionForest forest =
            RandomProjectionForest.Build(vectors, dimensions, metric, progress: HalfOf(progress, 0), cancellationToken: cancellationToken);
        if (!IsBelow(forest.EstimatedRecall, TargetRecall))
        {
            progress?.Report(1);
            return forest;
        }

        forest.Dispose();
        var options = new RandomProjectionForestOptions { TargetRecall = TargetRecall };
        return RandomProjectionForest.Build(vectors, dimensions, metric, options, HalfOf(progress, 0.5), cancellationToken);
    }

    private static ForwardedProgress<double>? HalfOf(IProgress<double>? progress, double start) =>
        progress is null ? null : new ForwardedProgress<double>(share => progress.Report(start + (share / 2)));
}
