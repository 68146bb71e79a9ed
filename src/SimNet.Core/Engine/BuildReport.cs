using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>What a build did.</summary>
/// <param name="ProductCount">Products in the engine. A product none of whose pictures could be read is not in it.</param>
/// <param name="PictureCount">Pictures in the engine.</param>
/// <param name="Failures">Pictures that could not be read, in the order in which they were given.</param>
/// <param name="EmbeddingTime">Time spent reading and embedding pictures.</param>
/// <param name="IndexingTime">Time spent building the index.</param>
public sealed record BuildReport(
    int ProductCount, int PictureCount, ImmutableArray<PictureFailure> Failures, TimeSpan EmbeddingTime, TimeSpan IndexingTime);
