using System.Runtime.CompilerServices;

namespace SimNet.Core;

/// <summary>
/// A stage of training at one image size. Training on small images first and on large images last takes a fraction of the time of training
/// on large images only.
/// </summary>
/// <param name="Size">The height and width of the images; at least 1.</param>
/// <param name="Epochs">The number of epochs; at least 1.</param>
/// <exception cref="ArgumentOutOfRangeException">A value is less than 1.</exception>
public sealed record TrainingStage(int Size, int Epochs)
{
    /// <summary>The height and width of the images.</summary>
    public int Size { get; init; } = Check(Size);

    /// <summary>The number of epochs.</summary>
    public int Epochs { get; init; } = Check(Epochs);

    private static int Check(int value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "Expected at least 1.");
}
