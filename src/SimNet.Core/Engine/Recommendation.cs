using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>One product that looks like what was asked for.</summary>
/// <param name="Product">The product.</param>
/// <param name="Distance">Distance of its nearest picture to the query, by the index's metric: smaller is more alike.</param>
/// <param name="Picture">That picture.</param>
public sealed record Recommendation(Product Product, float Distance, ImageSource Picture);
