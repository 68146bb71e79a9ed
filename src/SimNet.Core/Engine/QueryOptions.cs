namespace SimNet.Core;

/// <summary>What a query wants beyond its image.</summary>
public sealed record QueryOptions
{
    /// <summary>The most products to return; 5 by default, at least 1. Fewer come back when the catalog or the filter holds fewer.</summary>
    public int Count { get; init; } = 5;

    /// <summary>Only products for which this holds; null, the default, for all. Called from the searching thread, perhaps for many products: quick and without side effects.</summary>
    public Func<Product, bool>? Filter { get; init; }

    /// <summary>How hard an approximate index searches: candidates to look at. 0, the default, for the index's own choice; an exact index ignores it.</summary>
    public int SearchEffort { get; init; }
}
