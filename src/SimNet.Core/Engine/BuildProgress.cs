namespace SimNet.Core;

/// <summary>How far a build has come.</summary>
/// <param name="Stage">What it is busy with.</param>
/// <param name="Completed">Images done in this stage.</param>
/// <param name="Total">Images in this stage.</param>
public readonly record struct BuildProgress(BuildStage Stage, int Completed, int Total);
