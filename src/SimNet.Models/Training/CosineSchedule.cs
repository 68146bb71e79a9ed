namespace SimNet.Models;

/// <summary>
/// Cosine annealing with linear warm-up (Loshchilov and Hutter, "SGDR", 2017, without restarts): the learning rate rises linearly from 0,
/// then falls along half a cosine to a fraction of the initial rate at the end of the run.
/// </summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <summary>The number of warm-up epochs, which can be fractional; 0, the default, for none. At least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double WarmUpEpochs
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(WarmUpEpochs), value, "Expected a finite number of at least 0.");
    }

    /// <summary>The learning rate at the end, as a fraction of the initial one; 0 by default. In [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in [0, 1].</exception>
    public float FinalFraction
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(FinalFraction), value, "Expected a number from 0 to 1.");
    }

    /// <inheritdoc/>
    public override float At(float initialRate, double epochsDone, int totalEpochs)
    {
        if (epochsDone < WarmUpEpochs)
        {
            return (float)(initialRate * epochsDone / WarmUpEpochs);
        }

        double falling = totalEpochs - WarmUpEpochs;
        double progress = falling > 0 ? Math.Min(1, (epochsDone - WarmUpEpochs) / falling) : 1;
        return (float)(initialRate * (FinalFraction + (1 - FinalFraction) * (1 + Math.Cos(Math.PI * progress)) / 2));
    }
}
