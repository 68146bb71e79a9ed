using SimNet.Core;

namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet evaluate</c>. Shares are from 0 to 1.</summary>
internal sealed record EvaluateReport : ReadingReport
{
    /// <summary>The saved catalog; <see langword="null"/> if a model was evaluated.</summary>
    public required string? Catalog { get; init; }

    /// <summary>The model; <see langword="null"/> if a saved catalog was evaluated.</summary>
    public string? Model { get; init; }

    /// <summary>The number of products in the index.</summary>
    public required int Products { get; init; }

    /// <summary>
    /// The quality of the model as a classifier on the test part; <see langword="null"/> if it is not a classifier for the label.
    /// </summary>
    public ClassificationSummary? Classification { get; init; }

    public required string Index { get; init; }

    public required string Metric { get; init; }

    public required string Label { get; init; }

    public required int Count { get; init; }

    public required int Queries { get; init; }

    /// <summary>The number of queries without the label, or with a value that no product of the catalog has.</summary>
    public required int Skipped { get; init; }

    /// <summary><see langword="null"/>, as the following three values, if no query could be evaluated.</summary>
    public required double? Precision { get; init; }

    public required double? Recall { get; init; }

    public required double? MeanAveragePrecision { get; init; }

    public required double? Ndcg { get; init; }

    /// <summary>The recall of the index against an exact search; <see langword="null"/> if it was not measured.</summary>
    public required double? IndexRecall { get; init; }

    public required double EmbeddingSeconds { get; init; }

    public required double SearchSeconds { get; init; }

    public required int Threads { get; init; }

    public required double QueriesPerSecond { get; init; }

    public static EvaluateReport From(
        string? catalog,
        SimilarityEngine engine,
        CatalogEvaluationOptions options,
        CatalogEvaluationReport evaluation,
        CatalogReadReport? data = null) => new()
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
            Data = data ?? CatalogReadReport.Empty,
        };

    private static double? Number(double value) => double.IsNaN(value) ? null : value;
}
