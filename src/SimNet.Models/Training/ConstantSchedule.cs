namespace SimNet.Models;

/// <summary>One rate from the first step to the last.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(float initialRate, double epochsDone, int totalEpochs) => initialRate;
}
