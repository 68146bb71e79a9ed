namespace SimNet.Models;

/// <summary>A constant learning rate.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(float initialRate, double epochsDone, int totalEpochs) => initialRate;
}
