namespace SimNet.Core;

/// <summary>An image that was skipped because it could not be read or embedded.</summary>
/// <param name="ProductId">The ID of the product that the image belongs to.</param>
/// <param name="Image">The name of the image: for a file, its path.</param>
/// <param name="Problem">The reason, for people to read.</param>
public sealed record ImageFailure(string ProductId, string Image, string Problem);
