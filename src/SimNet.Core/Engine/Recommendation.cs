using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>One product that looks like what was asked for.</summary>
/// <param name="Product">The product.</param>
/// <param name="Distance">Distance of its nearest image to the query, by the index's metric: smaller is more alike.</param>
/// <param name="Image">That image.</param>
public sealed record Recommendation(Product Product, float Distance, ImageSource Image);
