using System.Collections.Immutable;
using SimNet.Evaluation;

namespace SimNet.Core;

/// <summary>The quality of the recommendations of an engine.</summary>
/// <param name="Retrieval">Precision@k, recall@k, mAP@k and nDCG@k by label. Each query image counts once.</param>
/// <param name="IndexRecall">
/// The share of the exact nearest neighbors that the index finds; <see langword="null"/> if the index is exact or the recall is not
/// measured.
/// </param>
/// <param name="Failures">The images that could not be read, or whose vectors are not finite.</param>
/// <param name="Threads">The number of threads that searched.</param>
/// <param name="EmbeddingTime">The time spent reading and embedding the query images.</param>
/// <param name="SearchTime">The time spent searching for all queries.</param>
/// <param name="QueriesPerSecond">The number of queries divided by <paramref name="SearchTime"/>.</param>
public sealed record CatalogEvaluationReport(
    RetrievalReport Retrieval,
    SearchQualityReport? IndexRecall,
    ImmutableArray<ImageFailure> Failures,
    int Threads,
    TimeSpan EmbeddingTime,
    TimeSpan SearchTime,
    double QueriesPerSecond);
