namespace SimNet.Models;

/// <summary>How the learning rate changes over a run. Derive from it for another one; the same arguments must always give the same rate.</summary>
public abstract record LearningRateSchedule
{
    /// <summary>The rate at a moment of the run.</summary>
    /// <param name="initialRate">The run's learning rate, <see cref="TrainerOptions.LearningRate"/>.</param>
    /// <param name="epochsDone">Epochs done until then, with fractions within an epoch; from 0 to <paramref name="totalEpochs"/>. A <see cref="Trainer"/> asks for the middle of each step.</param>
    /// <param name="totalEpochs">Epochs of the whole run.</param>
    public abstract float At(float initialRate, double epochsDone, int totalEpochs);
}
