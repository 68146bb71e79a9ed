using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>What a build did.</summary>
/// <param name="ProductCount">Products in the engine. A product none of whose images could be read is not in it.</param>
/// <param name="ImageCount">Images in the engine.</param>
/// <param name="Failures">Images that could not be read, in the order in which they were given.</param>
/// <param name="EmbeddingTime">Time spent reading and embedding images.</param>
/// <param name="IndexingTime">Time spent building the index.</param>
public sealed record BuildReport(
    int ProductCount, int ImageCount, ImmutableArray<ImageFailure> Failures, TimeSpan EmbeddingTime, TimeSpan IndexingTime);
