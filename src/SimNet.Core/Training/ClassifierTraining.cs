using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Trains a network to tell a catalog's classes apart; what it then sees in an image before it decides is the embedding. By default it is
/// e-SimNet (a SqueezeNet with batch norm) with what training has learned since: smoothed labels, a warm-up and a cosine, augmentation.
/// </summary>
public static class ClassifierTraining
{
    /// <summary>Under which name the label that a model was trained on stands in its metadata.</summary>
    public const string LabelKey = "training.label";

    /// <summary>Trains on the products of a split and judges the result by those held out.</summary>
    /// <param name="split">The products; the label they were split by is the one to learn.</param>
    /// <param name="options">How to train; the defaults when null.</param>
    /// <param name="progress">Told as images are learned from, after all are read; epochs are counted over all stages.</param>
    /// <param name="logger">Where to log; nowhere when null.</param>
    /// <param name="cancellationToken">Stops the training within a step; checkpoints already written stay.</param>
    /// <exception cref="ArgumentException">Fewer than two classes have a training image that could be read, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint is of another run, or the training has diverged.</exception>
    public static async Task<ClassifierTrainingResult> TrainAsync(
        CatalogSplit split,
        ClassifierTrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        ILogger<Trainer>? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(split);
        options ??= new ClassifierTrainingOptions();
        if (options.Stages.IsDefaultOrEmpty)
        {
            throw new ArgumentException($"{nameof(options.Stages)} is empty; expected at least one.", nameof(options));
        }

        if (options.PruningShares is not null && options.InitialWeights is null)
        {
            throw new ArgumentException($"{nameof(options.PruningShares)} is set without {nameof(options.InitialWeights)}: nothing is known yet of which weights matter.", nameof(options));
        }

        ImmutableArray<string> classes = options.Classes.IsDefaultOrEmpty
            ? [.. split.Training.Select(product => product.GetLabel(split.Label)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : options.Classes;
        if (classes.Length < 2 || classes.Distinct(StringComparer.Ordinal).Count() != classes.Length)
        {
            throw new ArgumentException($"The classes are {string.Join(", ", classes.DefaultIfEmpty("none"))}; expected at least two, each once.", nameof(options));
        }

        var clock = Stopwatch.StartNew();
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        LabeledSample[] training = await ReadAsync(split.Training, split.Label, classes, options, failures, cancellationToken).ConfigureAwait(false);
        LabeledSample[] validation = await ReadAsync(split.Validation, split.Label, classes, options, failures, cancellationToken).ConfigureAwait(false);
        int[] counts = [.. Enumerable.Range(0, classes.Length).Select(i => training.Count(sample => sample.Class == i))];
        if (counts.Contains(0))
        {
            throw new ArgumentException($"No training image of '{classes[Array.IndexOf(counts, 0)]}' could be read"
                + (failures.Count > 0 ? $"; the first of {failures.Count} failures: {failures[0].Problem}" : "."), nameof(split));
        }

        // To judge by, each image counts; to learn from, each product.
        LabeledSample[] judged = [.. validation.SelectMany(sample => sample.Images, (sample, image) => new LabeledSample([image], sample.Class))];
        TimeSpan readingTime = clock.Elapsed;
        clock.Restart();
        var run = new ClassifierTrainingRun(classes, training, judged, counts, options, progress, logger);
        (Network network, StateDict weights, ImmutableArray<EpochRecord> history, int epoch) = await run.TrainAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan trainingTime = clock.Elapsed;

        TrainingStage last = options.Stages[^1];
        ImmutableDictionary<string, string> metadata = (options.Preprocessing with { Width = last.Size, Height = last.Size }).ToMetadata()
            .Add(ImageClassifier.ClassesKey, ImageClassifier.WriteClasses(classes))
            .Add(LabelKey, split.Label)
            .Add("training.products", training.Length.ToString(CultureInfo.InvariantCulture))
            .Add("training.stages", string.Join(',', options.Stages.Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Size}x{stage.Epochs}"))))
            .Add("training.seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        var model = new Model(network, weights, options.EmbeddingLayer, metadata);

        using var classifier = new ImageClassifier(model, new ImageEmbedderOptions { Backend = options.Backend, Decoder = options.Decoder, DecoderOptions = options.DecoderOptions });
        return new ClassifierTrainingResult(
            model,
            history,
            epoch,
            training.Length,
            judged.Length,
            failures.ToImmutable(),
            readingTime,
            trainingTime,
            await ClassifierEvaluation.EvaluateOrNullAsync(classifier, split.Validation, split.Label, progress: null, cancellationToken).ConfigureAwait(false),
            await ClassifierEvaluation.EvaluateOrNullAsync(classifier, split.Test, split.Label, progress: null, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Products of a class whose images can be decoded, these in memory but still encoded: a hundredth of what their pixels would take.</summary>
    private static async Task<LabeledSample[]> ReadAsync(
        ProductCatalog catalog,
        string label,
        ImmutableArray<string> classes,
        ClassifierTrainingOptions options,
        ImmutableArray<ImageFailure>.Builder failures,
        CancellationToken cancellationToken)
    {
        var products = new ProductCatalog(catalog.Where(product => product.GetLabel(label) is { } name && classes.Contains(name)));
        ImageSource?[][] images = await ImageReading.ReadAsync(products, image =>
        {
            ImageSource buffered = image.Buffered(options.DecoderOptions);
            buffered.Load(options.Decoder, options.DecoderOptions);
            return buffered;
        }, failures, cancellationToken).ConfigureAwait(false);
        return [.. products.Zip(images, (product, ofProduct) => new LabeledSample([.. ofProduct.OfType<ImageSource>()], classes.IndexOf(product.GetLabel(label)!)))
            .Where(sample => sample.Images.Length > 0)];
    }
}
