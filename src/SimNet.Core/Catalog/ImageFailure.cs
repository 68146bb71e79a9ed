namespace SimNet.Core;

/// <summary>A picture that was left out because it could not be read.</summary>
/// <param name="ProductId">The product it belongs to.</param>
/// <param name="Picture">The picture's name: a file's path.</param>
/// <param name="Problem">What was wrong.</param>
public sealed record PictureFailure(string ProductId, string Picture, string Problem);
