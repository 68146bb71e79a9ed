using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>A misclassified image.</summary>
/// <param name="ProductId">The ID of the product.</param>
/// <param name="Image">The name of the image.</param>
/// <param name="Actual">The class of the product.</param>
/// <param name="Predicted">The most probable class and its probability.</param>
public sealed record ClassifierMistake(string ProductId, string Image, string Actual, ClassProbability Predicted);
