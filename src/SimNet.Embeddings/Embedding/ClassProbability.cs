namespace SimNet.Embeddings;

/// <summary>How likely an image is of a class.</summary>
/// <param name="Class">The class' name.</param>
/// <param name="Probability">From 0 to 1; over all classes they add up to 1.</param>
public readonly record struct ClassProbability(string Class, float Probability);
