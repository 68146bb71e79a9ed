namespace SimNet.Models;

/// <summary>How one epoch of training went.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="TrainingLoss">The loss averaged over the epoch's samples, each taken before the step it belongs to.</param>
/// <param name="TrainingMetric">The metric over the same outputs; null without a metric.</param>
/// <param name="ValidationLoss">The validation data's loss after the epoch; null without validation data.</param>
/// <param name="ValidationMetric">The validation data's metric after the epoch; null without either.</param>
/// <param name="LearningRate">The rate of the epoch's last step.</param>
/// <param name="Elapsed">Time the epoch took, validation included.</param>
public sealed record EpochRecord(
    int Epoch, double TrainingLoss, double? TrainingMetric, double? ValidationLoss, double? ValidationMetric, float LearningRate, TimeSpan Elapsed);
