namespace SimNet.Models;

/// <summary>Where a training run stands.</summary>
/// <param name="Epoch">Number of the epoch it is in, from 1.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="SamplesDone">Samples of this epoch done.</param>
/// <param name="SampleCount">Samples of one epoch.</param>
/// <param name="Loss">The loss averaged over this epoch's samples so far.</param>
/// <param name="LearningRate">The last step's learning rate.</param>
/// <param name="SamplesPerSecond">Samples trained per second in this epoch, without validation.</param>
/// <param name="EstimatedTimeLeft">Time to the run's end at this process's pace so far, validation and checkpoints included.</param>
/// <param name="CompletedEpoch">The epoch's record in the report that ends it; null in those before.</param>
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
