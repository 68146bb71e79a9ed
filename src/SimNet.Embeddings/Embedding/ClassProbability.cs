namespace SimNet.Embeddings;

/// <summary>The probability that an image belongs to a class.</summary>
/// <param name="Class">The name of the class.</param>
/// <param name="Probability">The probability, from 0 to 1. The probabilities of all classes add up to 1.</param>
public readonly record struct ClassProbability(string Class, float Probability);
