namespace SimNet.Core;

/// <summary>An image of a product that is used as a query, and its embedding vector.</summary>
internal readonly record struct EmbeddedQuery(Product Product, ReadOnlyMemory<float> Vector);
