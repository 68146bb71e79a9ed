using SimNet.Index;

namespace SimNet.Core;

/// <summary>The kinds of index that <see cref="SimilarityEngineBuilder.UseIndex(IndexKind, double)"/> can build.</summary>
public enum IndexKind
{
    /// <summary>
    /// An exact index for up to <see cref="VectorIndex.ExactLimit"/> images. For more, a graph, unless an exact index reaches the wanted
    /// recall with less work.
    /// </summary>
    Auto,

    /// <summary>An <see cref="ExactIndex"/>: always finds the nearest images, in time that grows linearly with the catalog.</summary>
    Exact,

    /// <summary>
    /// A <see cref="RandomProjectionForest"/>, as in the e-SimNet paper: approximate, and visits only a small part of the catalog. It is
    /// tuned if its default options do not reach the wanted recall.
    /// </summary>
    Forest,

    /// <summary>A <see cref="NeighborGraph"/>: approximate with the wanted recall, and the fastest kind for large catalogs.</summary>
    Graph,
}
