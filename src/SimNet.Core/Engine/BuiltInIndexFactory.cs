using SimNet.Index;

namespace SimNet.Core;

/// <summary>The factory of this library's own index types. It opens all of them, whichever kind it builds.</summary>
internal sealed record BuiltInIndexFactory(
    IndexKind Kind, RandomProjectionForestOptions? ForestOptions = null, NeighborGraphOptions? GraphOptions = null) : IVectorIndexFactory
{
    /// <summary>Not stored in catalogs: a manifest without a name means this factory.</summary>
    public string Name => "simnet";

    public IVectorIndex Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default) => Kind switch
        {
            IndexKind.Exact => ExactIndex.Build(vectors, dimensions, metric, cancellationToken: cancellationToken),
            IndexKind.Forest => RandomProjectionForest.Build(vectors, dimensions, metric, ForestOptions, progress, cancellationToken),
            IndexKind.Graph => NeighborGraph.Build(vectors, dimensions, metric, GraphOptions, progress, cancellationToken),
            _ => VectorIndex.Build(vectors, dimensions, metric, GraphOptions, progress, cancellationToken),
        };

    public IVectorIndex Open(string path, IndexOpenOptions? options = null) => VectorIndex.Open(path, options);
}
