namespace SimNet.Core;

/// <summary>An image that was left out because it could not be read.</summary>
/// <param name="ProductId">The product it belongs to.</param>
/// <param name="Image">The image's name: a file's path.</param>
/// <param name="Problem">What was wrong.</param>
public sealed record ImageFailure(string ProductId, string Image, string Problem);
