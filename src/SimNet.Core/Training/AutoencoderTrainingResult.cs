using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>A trained autoencoder and how its training went.</summary>
/// <param name="Model">The model, its preprocessing in it.</param>
/// <param name="History">Loss and reconstruction accuracy (as the metric) after each epoch, on the train and the validation images.</param>
/// <param name="TrainingImages">Images trained on.</param>
/// <param name="ValidationImages">Images held out.</param>
/// <param name="Failures">Images that could not be read and were left out.</param>
/// <param name="ReadingTime">Time to read and prepare the images.</param>
/// <param name="TrainingTime">Time to train, of this run alone where it was resumed.</param>
public sealed record AutoencoderTrainingResult(
    Model Model,
    IReadOnlyList<EpochRecord> History,
    int TrainingImages,
    int ValidationImages,
    ImmutableArray<ImageFailure> Failures,
    TimeSpan ReadingTime,
    TimeSpan TrainingTime);
