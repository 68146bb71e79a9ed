namespace SimNet.Models;

/// <summary>The results of one training epoch.</summary>
/// <param name="Epoch">The number of the epoch, from 1.</param>
/// <param name="TrainingLoss">The training loss, averaged over the samples and computed before the step of each batch.</param>
/// <param name="TrainingMetric">The metric of the same outputs; null if no metric is used.</param>
/// <param name="ValidationLoss">The validation loss after the epoch; null without validation data.</param>
/// <param name="ValidationMetric">The validation metric after the epoch; null without validation data or metric.</param>
/// <param name="LearningRate">The learning rate of the last step.</param>
/// <param name="Elapsed">The duration of the epoch, including validation.</param>
public sealed record EpochRecord(
    int Epoch,
    double TrainingLoss,
    double? TrainingMetric,
    double? ValidationLoss,
    double? ValidationMetric,
    float LearningRate,
    TimeSpan Elapsed);
