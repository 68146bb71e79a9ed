namespace SimNet.Core;

/// <summary>Which index an engine builds.</summary>
public enum IndexKind
{
    /// <summary>Exact up to <see cref="SimilarityEngineBuilder.ExactLimit"/> stored values, a forest above.</summary>
    Auto,

    /// <summary>Compares the query with every picture: always right, time grows with the catalog.</summary>
    Exact,

    /// <summary>A random-projection forest: looks at a small part of the catalog, right most of the time.</summary>
    Forest,
}
