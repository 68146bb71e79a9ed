using SimNet.Core;

namespace SimNet.Cli;

/// <summary>What <c>simnet evaluate --json</c> prints; shares are from 0 to 1.</summary>
internal sealed record EvaluateReport
{
    /// <summary>The saved catalog that was asked; null where a model was judged by a split of its own.</summary>
    public required string? Catalog { get; init; }

    /// <summary>The model that was judged by the train and the test part of a split; null where a catalog was asked.</summary>
    public string? Model { get; init; }

    /// <summary>Products that could be recommended.</summary>
    public required int Products { get; init; }

    /// <summary>The model as a classifier, on the test part; null where it is none, or not of this label.</summary>
    public ClassificationSummary? Classification { get; init; }

    public required string Index { get; init; }

    public required string Metric { get; init; }

    public required string Label { get; init; }

    public required int Count { get; init; }

    public required int Queries { get; init; }

    /// <summary>Queries whose label no product of the catalog has, or that have none.</summary>
    public required int Skipped { get; init; }

    /// <summary>Null, like the three below, where there was no query to judge.</summary>
    public required double? Precision { get; init; }

    public required double? Recall { get; init; }

    public required double? MeanAveragePrecision { get; init; }

    public required double? Ndcg { get; init; }

    /// <summary>Recall of the index against an exact search; null where it was not measured.</summary>
    public required double? IndexRecall { get; init; }

    public required double EmbeddingSeconds { get; init; }

    public required double SearchSeconds { get; init; }

    public required int Threads { get; init; }

    public required double QueriesPerSecond { get; init; }

    public required ImageFailure[] Failures { get; init; }

    public static EvaluateReport From(string? catalog, SimilarityEngine engine, CatalogEvaluationOptions options, CatalogEvaluationReport evaluation) => new()
    {
        Catalog = catalog,
        Products = engine.Products.Count,
        Index = engine.Index.Kind,
        Metric = engine.Index.Metric.ToString(),
        Label = options.Label,
        Count = options.Count,
        Queries = evaluation.Retrieval.Queries,
        Skipped = evaluation.Retrieval.SkippedQueries,
        Precision = Number(evaluation.Retrieval.MeanPrecision),
        Recall = Number(evaluation.Retrieval.MeanRecall),
        MeanAveragePrecision = Number(evaluation.Retrieval.MeanAveragePrecision),
        Ndcg = Number(evaluation.Retrieval.MeanNdcg),
        IndexRecall = evaluation.IndexRecall?.MeanRecall,
        EmbeddingSeconds = evaluation.EmbeddingTime.TotalSeconds,
        SearchSeconds = evaluation.SearchTime.TotalSeconds,
        Threads = evaluation.Threads,
        QueriesPerSecond = evaluation.QueriesPerSecond,
        Failures = [.. evaluation.Failures],
    };

    private static double? Number(double value) => double.IsNaN(value) ? null : value;
}
