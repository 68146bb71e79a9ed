using System.Runtime.CompilerServices;

namespace SimNet.Core;

/// <summary>A part of a training at one image size. Small images first and large ones last cost a fraction of large ones all along.</summary>
/// <param name="Size">Height and width of the images; at least 1.</param>
/// <param name="Epochs">Passes over the images; at least 1.</param>
public sealed record TrainingStage(int Size, int Epochs)
{
    /// <summary>Height and width of the images.</summary>
    public int Size { get; init; } = Check(Size);

    /// <summary>Passes over the images.</summary>
    public int Epochs { get; init; } = Check(Epochs);

    private static int Check(int value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "Expected at least 1.");
}
