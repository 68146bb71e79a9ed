using SimNet.Core;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet train</c> for an autoencoder. Accuracies are shares from 0 to 1.</summary>
internal sealed record TrainReport : ReadingReport
{
    public required string Model { get; init; }

    public required string ModelId { get; init; }

    public required string Network { get; init; }

    public required int Parameters { get; init; }

    public required int TrainableParameters { get; init; }

    public required int TrainingImages { get; init; }

    public required int ValidationImages { get; init; }

    public required double ReadingSeconds { get; init; }

    /// <summary>The time of this run, with validation; if the training was resumed, without the earlier runs.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>The number of training images per second in the last epoch, with its validation.</summary>
    public required double ImagesPerSecond { get; init; }

    public required EpochRecord[] History { get; init; }

    public static TrainReport From(string path, AutoencoderTrainingResult trained, CatalogReadReport data) => new()
    {
        Model = path,
        ModelId = trained.Model.Id,
        Network = trained.Model.Network.Name,
        Parameters = trained.Model.Network.ParameterCount,
        TrainableParameters = trained.Model.Network.TrainableParameterCount,
        TrainingImages = trained.TrainingImages,
        ValidationImages = trained.ValidationImages,
        ReadingSeconds = trained.ReadingTime.TotalSeconds,
        TrainingSeconds = trained.TrainingTime.TotalSeconds,
        ImagesPerSecond = trained.TrainingImages / trained.History[^1].Elapsed.TotalSeconds,
        History = [.. trained.History],
        Failures = [.. trained.Failures],
        Data = data,
    };
}
