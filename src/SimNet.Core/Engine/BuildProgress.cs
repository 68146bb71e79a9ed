namespace SimNet.Core;

/// <summary>The progress of building a <see cref="SimilarityEngine"/>.</summary>
/// <param name="Stage">The current stage.</param>
/// <param name="Completed">The number of images completed in this stage.</param>
/// <param name="Total">The number of images in this stage.</param>
public readonly record struct BuildProgress(BuildStage Stage, int Completed, int Total);
