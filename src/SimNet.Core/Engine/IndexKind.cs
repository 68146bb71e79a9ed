using SimNet.Index;

namespace SimNet.Core;

/// <summary>Which index an engine builds.</summary>
public enum IndexKind
{
    /// <summary>Exact up to <see cref="VectorIndex.ExactLimit"/> images, a graph above.</summary>
    Auto,

    /// <summary>Finds the nearest of all images: always right, time grows with the catalog.</summary>
    Exact,

    /// <summary>A random-projection forest, as e-SimNet has it: looks at a small part of the catalog, right most of the time.</summary>
    Forest,

    /// <summary>A graph of neighbors: the fastest for large catalogs, right nearly always.</summary>
    Graph,
}
