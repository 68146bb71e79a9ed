using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>An image that was read although its file has blemishes.</summary>
/// <param name="ProductId">The ID of the product that the image belongs to.</param>
/// <param name="Image">The name of the image: for a file, its path.</param>
/// <param name="Blemishes">The blemishes, as sentences for people to read (<see cref="Embeddings.Image.Blemishes"/>).</param>
public sealed record BlemishedImage(string ProductId, string Image, ImmutableArray<string> Blemishes);
