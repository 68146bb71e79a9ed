namespace SimNet.Models;

/// <summary>The progress of a training run.</summary>
/// <param name="Epoch">The number of the current epoch, from 1.</param>
/// <param name="Epochs">The number of epochs of the run.</param>
/// <param name="SamplesDone">The number of samples completed in this epoch.</param>
/// <param name="SampleCount">The number of samples in an epoch.</param>
/// <param name="Loss">The training loss, averaged over the samples of this epoch so far.</param>
/// <param name="LearningRate">The learning rate of the last step.</param>
/// <param name="SamplesPerSecond">The training speed in this epoch in samples per second, without validation.</param>
/// <param name="EstimatedTimeLeft">The estimated time to the end of the run, including validation and checkpoints.</param>
/// <param name="CompletedEpoch">The results of the epoch in the last report of an epoch; otherwise, null.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    int SamplesDone,
    int SampleCount,
    double Loss,
    float LearningRate,
    double SamplesPerSecond,
    TimeSpan EstimatedTimeLeft,
    EpochRecord? CompletedEpoch);
