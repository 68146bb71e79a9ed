using System.Collections.Immutable;
using SimNet.Index;

namespace SimNet.Core;

/// <summary>The result of building a <see cref="SimilarityEngine"/>.</summary>
/// <param name="ProductCount">The number of products in the engine. A product with no image in the engine is left out.</param>
/// <param name="ImageCount">The number of images in the engine.</param>
/// <param name="Failures">
/// The images that could not be read, or whose vectors are not finite, in the order of the products.
/// </param>
/// <param name="BlemishedImages">The images in the engine whose files have blemishes, in the order of the products.</param>
/// <param name="EmbeddingTime">The time spent reading and embedding images.</param>
/// <param name="IndexingTime">The time spent building the index.</param>
/// <param name="EstimatedRecall">
/// The share of the nearest images that the index finds with its default effort: <see cref="IVectorIndex.EstimatedRecall"/> of
/// <see cref="SimilarityEngine.Index"/>. <see langword="null"/> if it is not measured.
/// </param>
public sealed record BuildReport(
    int ProductCount,
    int ImageCount,
    ImmutableArray<ImageFailure> Failures,
    ImmutableArray<BlemishedImage> BlemishedImages,
    TimeSpan EmbeddingTime,
    TimeSpan IndexingTime,
    RecallEstimate? EstimatedRecall)
{
    /// <summary>The number of <see cref="Failures"/> with each cause, the most frequent cause first.</summary>
    public ImmutableArray<CauseCount> FailuresByCause => ImageFailure.CountByCause(Failures);
}
