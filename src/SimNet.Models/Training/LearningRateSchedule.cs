namespace SimNet.Models;

/// <summary>
/// Determines how the learning rate changes over a run. Derive from it to define a schedule, which must be a pure function.
/// </summary>
public abstract record LearningRateSchedule
{
    /// <summary>Computes the learning rate at a point of the run.</summary>
    /// <param name="initialRate">The initial learning rate, <see cref="TrainerOptions.LearningRate"/>.</param>
    /// <param name="epochsDone">
    /// The number of epochs completed, including fractions; from 0 to <paramref name="totalEpochs"/>. <see cref="Trainer"/> passes the
    /// middle of each step.
    /// </param>
    /// <param name="totalEpochs">The number of epochs of the run.</param>
    /// <returns>The learning rate.</returns>
    public abstract float At(float initialRate, double epochsDone, int totalEpochs);
}
