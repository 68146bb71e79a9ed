namespace SimNet.Models;

/// <summary>The rate falls by a factor every so many epochs.</summary>
public sealed record StepSchedule : LearningRateSchedule
{
    /// <summary>Epochs between two falls; 30 by default. At least 1.</summary>
    public int EveryEpochs
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(EveryEpochs), value, "Expected at least 1.");
    } = 30;

    /// <summary>What the rate is multiplied by at each fall; 0.1 by default. In (0, 1].</summary>
    public float Factor
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Factor), value, "Expected above 0 and at most 1.");
    } = 0.1f;

    /// <inheritdoc/>
    public override float At(float initialRate, double epochsDone, int totalEpochs)
    {
        double rate = initialRate;
        for (int falls = (int)(epochsDone / EveryEpochs); falls > 0; falls--)
        {
            rate *= Factor;
        }

        return (float)rate;
    }
}
