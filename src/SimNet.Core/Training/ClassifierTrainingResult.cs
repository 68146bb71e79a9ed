using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>A trained classifier and how its training went.</summary>
/// <param name="Model">The model, its classes and its preprocessing in it; an <see cref="Embeddings.ImageClassifier"/> or an <see cref="Embeddings.ImageEmbedder"/> uses it.</param>
/// <param name="History">Loss and accuracy (as the metric) after each epoch of all stages, on the training and the validation images.</param>
/// <param name="Epoch">Number of the epoch that the model is of, from 1 over all stages: the best one or the last.</param>
/// <param name="TrainingProducts">Products trained on.</param>
/// <param name="ValidationImages">Images judged after each epoch.</param>
/// <param name="Failures">Training and validation images that could not be read and were left out.</param>
/// <param name="ReadingTime">Time to read the images.</param>
/// <param name="TrainingTime">Time to train, of this run alone where it was resumed.</param>
/// <param name="Validation">The model on the validation products; null where there is none to judge.</param>
/// <param name="Test">The model on the test products, which nothing of the training has seen; null where there is none to judge.</param>
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
