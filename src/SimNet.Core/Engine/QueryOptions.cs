namespace SimNet.Core;

/// <summary>Options for a query.</summary>
public sealed record QueryOptions
{
    /// <summary>
    /// The largest number of products to return; 5 by default, at least 1. Fewer are returned if the catalog, or the part of it that the
    /// filter accepts, has fewer.
    /// </summary>
    public int Count { get; init; } = 5;

    /// <summary>
    /// Returns whether a product may be recommended; <see langword="null"/>, the default, accepts all products. It is called on the
    /// searching thread, possibly for many products, so it should be fast and free of side effects.
    /// </summary>
    public Func<Product, bool>? Filter { get; init; }

    /// <summary>
    /// The number of candidates that an approximate index examines (efSearch of a graph). 0, the default, uses the index's own default. An
    /// exact index ignores it.
    /// </summary>
    public int SearchEffort { get; init; }
}
