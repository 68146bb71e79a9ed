using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>A trained autoencoder and the history of its training.</summary>
/// <param name="Model">The model, with its preprocessing in its metadata.</param>
/// <param name="History">The loss and the reconstruction accuracy (as the metric) of the training and validation images, by epoch.</param>
/// <param name="TrainingImages">The number of training images.</param>
/// <param name="ValidationImages">The number of validation images.</param>
/// <param name="Failures">The images that were skipped because they could not be read.</param>
/// <param name="ReadingTime">The time spent reading and preprocessing images.</param>
/// <param name="TrainingTime">The time spent training; if the training was resumed, in this run only.</param>
public sealed record AutoencoderTrainingResult(
    Model Model,
    IReadOnlyList<EpochRecord> History,
    int TrainingImages,
    int ValidationImages,
    ImmutableArray<ImageFailure> Failures,
    TimeSpan ReadingTime,
    TimeSpan TrainingTime);
