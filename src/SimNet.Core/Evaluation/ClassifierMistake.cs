using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>A picture that a classifier took for something else.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Picture">The picture's name.</param>
/// <param name="Actual">The product's class.</param>
/// <param name="Predicted">The likeliest class, and how likely it seemed.</param>
public sealed record ClassifierMistake(string ProductId, string Picture, string Actual, ClassProbability Predicted);
