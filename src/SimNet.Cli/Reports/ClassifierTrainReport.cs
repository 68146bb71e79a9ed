using SimNet.Core;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet train</c> for a classifier. Shares are from 0 to 1.</summary>
internal sealed record ClassifierTrainReport : ReadingReport
{
    public required string Model { get; init; }

    public required string ModelId { get; init; }

    public required string Network { get; init; }

    public required int Parameters { get; init; }

    public required int TrainableParameters { get; init; }

    /// <summary>The number of parameters without the convolution weights that are 0.</summary>
    public required int RemainingParameters { get; init; }

    public required long FileBytes { get; init; }

    public required string Label { get; init; }

    public required int TrainingProducts { get; init; }

    public required int ValidationProducts { get; init; }

    public required int TestProducts { get; init; }

    /// <summary>The number of groups of products that show the same image and are in one part, over all values of the label.</summary>
    public required int DuplicateGroups { get; init; }

    public required double ReadingSeconds { get; init; }

    /// <summary>The time of this run, with validation; if the training was resumed, without the earlier runs.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>The number of training products per second in the last epoch, with its validation.</summary>
    public required double ProductsPerSecond { get; init; }

    /// <summary>The epoch whose weights the model has, from 1.</summary>
    public required int Epoch { get; init; }

    public required EpochRecord[] History { get; init; }

    public required ClassificationSummary? Validation { get; init; }

    public required ClassificationSummary? Test { get; init; }

    /// <summary>The files with the charts of loss and accuracy.</summary>
    public required string[] Curves { get; init; }

    public static ClassifierTrainReport From(
        string path, CatalogSplit split, ClassifierTrainingResult trained, string[] curves, CatalogReadReport data) => new()
        {
            Model = path,

            // The ID of the file differs from that of the trained model if its weights are rounded to 16 bits.
            ModelId = SimNet.Models.Model.Load(path).Id,
            Network = trained.Model.Network.Name,
            Parameters = trained.Model.Network.ParameterCount,
            TrainableParameters = trained.Model.Network.TrainableParameterCount,
            RemainingParameters = trained.Model.Network.ToTable(trained.Model.Weights).RemainingParameterCount!.Value,
            FileBytes = new FileInfo(path).Length,
            Label = split.Label,
            TrainingProducts = trained.TrainingProducts,
            ValidationProducts = split.Validation.Count,
            TestProducts = split.Test.Count,
            DuplicateGroups = split.DuplicateGroups.Length,
            ReadingSeconds = trained.ReadingTime.TotalSeconds,
            TrainingSeconds = trained.TrainingTime.TotalSeconds,
            ProductsPerSecond = trained.TrainingProducts / trained.History[^1].Elapsed.TotalSeconds,
            Epoch = trained.Epoch,
            History = [.. trained.History],
            Validation = trained.Validation is null ? null : ClassificationSummary.From(trained.Validation),
            Test = trained.Test is null ? null : ClassificationSummary.From(trained.Test),
            Curves = curves,
            Failures = [.. trained.Failures],
            Data = data,
        };
}
