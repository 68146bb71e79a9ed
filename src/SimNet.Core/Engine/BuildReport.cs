using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>The result of building a <see cref="SimilarityEngine"/>.</summary>
/// <param name="ProductCount">The number of products in the engine. A product none of whose images can be read is left out.</param>
/// <param name="ImageCount">The number of images in the engine.</param>
/// <param name="Failures">The images that could not be read, in the order of the products.</param>
/// <param name="EmbeddingTime">The time spent reading and embedding images.</param>
/// <param name="IndexingTime">The time spent building the index.</param>
public sealed record BuildReport(
    int ProductCount, int ImageCount, ImmutableArray<ImageFailure> Failures, TimeSpan EmbeddingTime, TimeSpan IndexingTime);
