namespace SimNet.Models;

/// <summary>
/// The rate rises linearly from 0 over the warm-up, then falls along half a cosine to a fraction of itself at the run's end
/// (Loshchilov and Hutter, "SGDR", 2017, without restarts).
/// </summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <summary>Epochs of warm-up, fractions allowed; 0, the default, for none. At least 0.</summary>
    public double WarmUpEpochs
    {
        get;
        init => field = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(WarmUpEpochs), value, "Expected at least 0.");
    }

    /// <summary>Share of the initial rate that is left at the end; 0 by default. In [0, 1].</summary>
    public float FinalFraction
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(FinalFraction), value, "Expected from 0 to 1.");
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
