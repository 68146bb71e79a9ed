namespace SimNet.Core;

/// <summary>Options for <see cref="CatalogEvaluation"/>.</summary>
public sealed record CatalogEvaluationOptions
{
    /// <summary>
    /// The label that decides whether a recommendation is relevant: the name of an attribute, or <see cref="Product.CategoryLabel"/>, the
    /// default.
    /// </summary>
    public string Label { get; init; } = Product.CategoryLabel;

    /// <summary>The number of recommendations for each query (k); 5 by default, at least 1.</summary>
    public int Count { get; init; } = 5;

    /// <summary>
    /// The number of candidates that an approximate index examines, see <see cref="QueryOptions.SearchEffort"/>; 0, the default, uses the
    /// index's own default.
    /// </summary>
    public int SearchEffort { get; init; }

    /// <summary>
    /// The number of queries, evenly spaced, whose results are compared with an exact search to measure the recall of an approximate index;
    /// 200 by default. 0 skips the measurement.
    /// </summary>
    public int ExactQueries { get; init; } = 200;

    /// <summary>The number of threads that search; 0, the default, for all cores.</summary>
    public int MaxThreads { get; init; }
}
