namespace SimNet.Models;

/// <summary>Step decay: multiplies the learning rate by a factor at regular intervals.</summary>
public sealed record StepSchedule : LearningRateSchedule
{
    /// <summary>The number of epochs between two reductions; 30 by default. At least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int EveryEpochs
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(EveryEpochs), value, "Expected at least 1.");
    } = 30;

    /// <summary>The factor of each reduction; 0.1 by default. In (0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in (0, 1].</exception>
    public float Factor
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Factor), value, "Expected a number greater than 0 and at most 1.");
    } = 0.1f;

    /// <inheritdoc/>
    public override float At(float initialRate, double epochsDone, int totalEpochs)
    {
        double rate = initialRate;
        for (int reductions = (int)(epochsDone / EveryEpochs); reductions > 0; reductions--)
        {
            rate *= Factor;
        }

        return (float)rate;
    }
}
