using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>An image that a classifier took for something else.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Image">The image's name.</param>
/// <param name="Actual">The product's class.</param>
/// <param name="Predicted">The likeliest class, and how likely it seemed.</param>
public sealed record ClassifierMistake(string ProductId, string Image, string Actual, ClassProbability Predicted);
