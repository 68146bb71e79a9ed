using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>A product found by a query.</summary>
/// <param name="Product">The product.</param>
/// <param name="Distance">The distance between the query and the nearest image of the product, in the metric of the index.</param>
/// <param name="Image">The nearest image of the product.</param>
public sealed record Recommendation(Product Product, float Distance, ImageSource Image);
