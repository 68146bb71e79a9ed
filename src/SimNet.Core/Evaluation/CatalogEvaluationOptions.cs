namespace SimNet.Core;

/// <summary>How <see cref="CatalogEvaluation"/> judges an engine.</summary>
public sealed record CatalogEvaluationOptions
{
    /// <summary>The label by which a recommendation is right: an attribute's name, or <c>category</c>, the default.</summary>
    public string Label { get; init; } = Product.CategoryLabel;

    /// <summary>How many recommendations each query gets; 5 by default, at least 1.</summary>
    public int Count { get; init; } = 5;

    /// <summary>How hard an approximate index searches; 0, the default, for its own choice.</summary>
    public int SearchEffort { get; init; }

    /// <summary>How many queries, spread evenly, are also answered exactly, for an approximate index's recall; 200 by default, 0 for none.</summary>
    public int ExactQueries { get; init; } = 200;

    /// <summary>Threads that search; 0, the default, for all cores.</summary>
    public int MaxThreads { get; init; }
}
