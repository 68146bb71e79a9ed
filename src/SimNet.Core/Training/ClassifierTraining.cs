using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Trains an image classifier on labeled products. The output of a layer before the classes is the embedding. By default, the network is
/// e-SimNet (a SqueezeNet with batch norm), trained with label smoothing, warm-up, cosine decay and augmentation.
/// </summary>
public static class ClassifierTraining
{
    /// <summary>The metadata key of the label that a model is trained on.</summary>
    public const string LabelKey = "training.label";

    /// <summary>Trains on the training products of a split and evaluates the model on the validation and test products.</summary>
    /// <param name="split">The products. The classes are the values of <see cref="CatalogSplit.Label"/>.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">
    /// Receives the progress of the training, which starts after all images are read. Epochs are counted over all stages.
    /// </param>
    /// <param name="logger">The logger; <see langword="null"/>, the default, disables logging.</param>
    /// <param name="cancellationToken">Cancels the training within one batch. Checkpoints that are already written remain.</param>
    /// <returns>The trained model, its history and its evaluation.</returns>
    /// <exception cref="ArgumentException">
    /// There are fewer than two classes, a class has no readable training image, or an option is out of range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The checkpoint belongs to a training with other options or data, or the training diverges.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
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
            throw new ArgumentException($"{nameof(options.Stages)} is empty; expected at least one stage.", nameof(options));
        }

        if (options.PruningShares is not null && options.InitialWeights is null)
        {
            throw new ArgumentException(
                $"{nameof(options.PruningShares)} is set without {nameof(options.InitialWeights)}; expected trained weights to prune.",
                nameof(options));
        }

        ImmutableArray<string> classes = options.Classes.IsDefaultOrEmpty
            ? [
                .. split.Training.Select(product => product.GetLabel(split.Label)).OfType<string>()
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ]
            : options.Classes;
        if (classes.Length < 2 || classes.Distinct(StringComparer.Ordinal).Count() != classes.Length)
        {
            throw new ArgumentException(
                $"The classes are {string.Join(", ", classes.DefaultIfEmpty("none"))}; expected at least two different classes.",
                nameof(options));
        }

        var clock = Stopwatch.StartNew();
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        (Product Product, LabeledSample Sample)[] training =
            await ReadAsync(split.Training, split.Label, classes, options, failures, cancellationToken).ConfigureAwait(false);
        (Product Product, LabeledSample Sample)[] validation =
            await ReadAsync(split.Validation, split.Label, classes, options, failures, cancellationToken).ConfigureAwait(false);

        // The first epoch finds the images that cannot be decoded. Before it, only one image of each class is decoded.
        var unreadable = new Dictionary<ImageSource, Exception>(ReferenceEqualityComparer.Instance);
        int[] counts = [.. Enumerable.Range(0, classes.Length).Select(i => training.Count(entry => entry.Sample.Class == i))];
        int missing = await Task.Run(
            () => Array.FindIndex(
                [.. Enumerable.Range(0, classes.Length)],
                i => !AnyReadable(training.Where(entry => entry.Sample.Class == i), options, unreadable)),
            cancellationToken).ConfigureAwait(false);
        if (missing >= 0)
        {
            AddFailures(failures, training, unreadable);
            throw new ArgumentException(
                $"The class '{classes[missing]}' has no readable training image."
                    + (failures.Count > 0 ? $" The first of {failures.Count} problems: {failures[0].Problem}" : ""),
                nameof(split));
        }

        // A training sample is a product, of which each epoch sees one image. A validation sample is an image.
        LabeledSample[] validationImages = !AnyReadable(validation, options, unreadable) ? []
            : [
                .. validation.SelectMany(
                    entry => entry.Sample.Images, (entry, image) => new LabeledSample([image], entry.Sample.Class)),
            ];
        TimeSpan readingTime = clock.Elapsed;
        clock.Restart();
        var run = new ClassifierTrainingRun(
            classes, [.. training.Select(entry => entry.Sample)], validationImages, counts, options, progress, logger);
        (Network network, StateDict weights, ImmutableArray<EpochRecord> history, int epoch) =
            await run.TrainAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan trainingTime = clock.Elapsed;
        foreach ((ImageSource image, Exception error) in run.Unreadable)
        {
            unreadable.TryAdd(image, error);
        }

        AddFailures(failures, training, unreadable);
        AddFailures(failures, validation, unreadable);
        int trainingProducts = training.Count(entry => !entry.Sample.Images.All(unreadable.ContainsKey));

        TrainingStage last = options.Stages[^1];
        string stages = string.Join(
            ',', options.Stages.Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Size}x{stage.Epochs}")));
        ImmutableDictionary<string, string> metadata = (options.Preprocessing with { Width = last.Size, Height = last.Size }).ToMetadata()
            .Add(ImageClassifier.ClassesKey, ImageClassifier.WriteClasses(classes))
            .Add(LabelKey, split.Label)
            .Add("training.products", trainingProducts.ToString(CultureInfo.InvariantCulture))
            .Add("training.stages", stages)
            .Add("training.seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        var model = new Model(network, weights, options.EmbeddingLayer, metadata);

        var embedderOptions = new ImageEmbedderOptions
        {
            Backend = options.Backend,
            Decoder = options.Decoder,
            DecoderOptions = options.DecoderOptions,
        };
        using var classifier = new ImageClassifier(model, embedderOptions);
        return new ClassifierTrainingResult(
            model,
            history,
            epoch,
            trainingProducts,
            validationImages.Count(sample => !unreadable.ContainsKey(sample.Images[0])),
            failures.ToImmutable(),
            readingTime,
            trainingTime,
            await EvaluateAsync(split.Validation).ConfigureAwait(false),
            await EvaluateAsync(split.Test).ConfigureAwait(false));

        Task<ClassifierEvaluationReport?> EvaluateAsync(ProductCatalog products) =>
            ClassifierEvaluation.EvaluateOrNullAsync(classifier, products, split.Label, progress: null, cancellationToken);
    }

    /// <summary>
    /// Reads the products of the classes, without the images that cannot be read. The images stay encoded in memory, which takes about a
    /// hundredth of the memory of their pixels.
    /// </summary>
    private static async Task<(Product Product, LabeledSample Sample)[]> ReadAsync(
        ProductCatalog catalog,
        string label,
        ImmutableArray<string> classes,
        ClassifierTrainingOptions options,
        ImmutableArray<ImageFailure>.Builder failures,
        CancellationToken cancellationToken)
    {
        var products = new ProductCatalog(catalog.Where(product => product.GetLabel(label) is { } name && classes.Contains(name)));
        ImageSource?[][] images = await ImageReading
            .ReadAsync(products, image => image.Buffered(options.DecoderOptions), failures, cancellationToken).ConfigureAwait(false);
        return
        [
            .. products
                .Zip(images, (product, ofProduct) => (
                    Product: product,
                    Sample: new LabeledSample([.. ofProduct.OfType<ImageSource>()], classes.IndexOf(product.GetLabel(label)!))))
                .Where(entry => entry.Sample.Images.Length > 0),
        ];
    }

    /// <summary>Whether an image can be decoded. Those before the first that can are added to <paramref name="unreadable"/>.</summary>
    private static bool AnyReadable(
        IEnumerable<(Product Product, LabeledSample Sample)> samples,
        ClassifierTrainingOptions options,
        Dictionary<ImageSource, Exception> unreadable)
    {
        foreach (ImageSource image in samples.SelectMany(entry => entry.Sample.Images))
        {
            try
            {
                image.Load(options.Decoder, options.DecoderOptions);
                return true;
            }
            catch (Exception exception) when (exception is ImageFormatException or IOException)
            {
                unreadable.TryAdd(image, exception);
            }
        }

        return false;
    }

    private static void AddFailures(
        ImmutableArray<ImageFailure>.Builder failures,
        (Product Product, LabeledSample Sample)[] samples,
        Dictionary<ImageSource, Exception> unreadable)
    {
        foreach ((Product product, LabeledSample sample) in samples)
        {
            foreach (ImageSource image in sample.Images)
            {
                if (unreadable.TryGetValue(image, out Exception? error))
                {
                    failures.Add(ImageFailure.From(product.Id, image, error));
                }
            }
        }
    }
}
