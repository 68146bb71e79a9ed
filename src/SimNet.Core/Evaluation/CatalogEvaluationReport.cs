using System.Collections.Immutable;
using SimNet.Evaluation;

namespace SimNet.Core;

/// <summary>How good an engine's recommendations are.</summary>
/// <param name="Retrieval">precision@k, recall@k, mAP@k and nDCG@k by label, over the queries' images.</param>
/// <param name="IndexRecall">Share of the exact nearest vectors that the index found, where that was asked for; null otherwise.</param>
/// <param name="Failures">Images that could not be read.</param>
/// <param name="Threads">Threads that searched.</param>
/// <param name="EmbeddingTime">Time to read and embed the queries' images.</param>
/// <param name="SearchTime">Time to search for all of them.</param>
/// <param name="QueriesPerSecond">Queries over <paramref name="SearchTime"/>.</param>
public sealed record CatalogEvaluationReport(
    RetrievalReport Retrieval,
    SearchQualityReport? IndexRecall,
    ImmutableArray<ImageFailure> Failures,
    int Threads,
    TimeSpan EmbeddingTime,
    TimeSpan SearchTime,
    double QueriesPerSecond);
