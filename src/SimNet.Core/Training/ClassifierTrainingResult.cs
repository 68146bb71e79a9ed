using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>A trained classifier and the history of its training.</summary>
/// <param name="Model">
/// The model, with its classes and its preprocessing in its metadata, for an <see cref="Embeddings.ImageClassifier"/> or an
/// <see cref="Embeddings.ImageEmbedder"/>.
/// </param>
/// <param name="History">
/// The loss and the accuracy (as the metric) on the training products and validation images, for each epoch of all stages.
/// </param>
/// <param name="Epoch">The epoch whose weights the model has: the best or the last one, counted from 1 over all stages.</param>
/// <param name="TrainingProducts">The number of training products.</param>
/// <param name="ValidationImages">The number of validation images.</param>
/// <param name="Failures">
/// The training and validation images that were skipped because they could not be read. Images are decoded when an epoch needs them; in
/// place of one that cannot be, the epoch uses another image of the product, or else that of the next product.
/// </param>
/// <param name="ReadingTime">The time spent reading images.</param>
/// <param name="TrainingTime">The time spent training; if the training was resumed, in this run only.</param>
/// <param name="Validation">
/// The evaluation on the validation products; <see langword="null"/> if none of them has a class of the model and a readable image.
/// </param>
/// <param name="Test">
/// The evaluation on the test products, which are not used in training; <see langword="null"/> if none of them has a class of the model and
/// a readable image.
/// </param>
public sealed record ClassifierTrainingResult(
    Model Model,
    IReadOnlyList<EpochRecord> History,
    int Epoch,
    int TrainingProducts,
    int ValidationImages,
    ImmutableArray<ImageFailure> Failures,
    TimeSpan ReadingTime,
    TimeSpan TrainingTime,
    ClassifierEvaluationReport? Validation,
    ClassifierEvaluationReport? Test);
