using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using SimNet.Compute;
using SimNet.Embeddings;
using SimNet.Evaluation;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Trains AutoSimNet's denoising autoencoder on a shop's own images: no labels needed. Its bottleneck is the embedding.
/// </summary>
public static class AutoencoderTraining
{
    /// <summary>Trains on the images of a catalog.</summary>
    /// <param name="training">The products whose images it learns from.</param>
    /// <param name="validation">Products held out, judged after each epoch; null for none.</param>
    /// <param name="options">How to train; the defaults when null.</param>
    /// <param name="progress">Told as images are learned from; after the images are read.</param>
    /// <param name="logger">Where to log; nowhere when null.</param>
    /// <param name="cancellationToken">Stops the training within a step; checkpoints already written stay.</param>
    /// <exception cref="ArgumentException">No image could be read, or an option is out of its range.</exception>
    public static async Task<AutoencoderTrainingResult> TrainAsync(
        ProductCatalog training,
        ProductCatalog? validation = null,
        AutoencoderTrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        ILogger<Trainer>? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        options ??= new AutoencoderTrainingOptions();
        Network network = DenoisingAutoencoder.Create(options.ImageSize, options.Color == ColorMode.Gray ? 1 : 3);
        var preprocessing = new Preprocessing { Width = options.ImageSize, Height = options.ImageSize, Color = options.Color };
        var noise = new DenoisingDataOptions { NoiseStandardDeviation = options.NoiseStandardDeviation };

        var clock = Stopwatch.StartNew();
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        Image[] trainingImages = await ReadAsync(training, preprocessing, options, failures, cancellationToken).ConfigureAwait(false);
        Image[] validationImages = validation is null ? [] : await ReadAsync(validation, preprocessing, options, failures, cancellationToken).ConfigureAwait(false);
        if (trainingImages.Length == 0)
        {
            throw new ArgumentException($"None of the {failures.Count} images could be read"
                + (failures.Count > 0 ? $"; the first: {failures[0].Problem}" : "; the catalog is empty."), nameof(training));
        }

        TimeSpan readingTime = clock.Elapsed;
        clock.Restart();
        var trainer = new Trainer(options.Backend ?? new ManagedBackend(), logger);
        TrainingResult result = await trainer.TrainAsync(
            network,
            new DenoisingData(trainingImages, preprocessing, noise),
            validationImages.Length == 0 ? null : new DenoisingData(validationImages, preprocessing, noise),
            new TrainerOptions
            {
                Epochs = options.Epochs,
                BatchSize = options.BatchSize,
                LearningRate = options.LearningRate,
                Schedule = options.Schedule,
                Loss = options.Loss,
                Seed = options.Seed,
                Metric = ReconstructionMetrics.BinaryAccuracy,
                MetricName = "reconstruction accuracy",
                CheckpointPath = options.CheckpointPath,
                Resume = options.Resume,
            },
            progress,
            cancellationToken).ConfigureAwait(false);

        ImmutableDictionary<string, string> metadata = preprocessing.ToMetadata()
            .Add("training.pictures", trainingImages.Length.ToString(CultureInfo.InvariantCulture))
            .Add("training.epochs", options.Epochs.ToString(CultureInfo.InvariantCulture))
            .Add("training.seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        var model = new Model(network, result.Weights, DenoisingAutoencoder.EmbeddingLayer, metadata);
        return new AutoencoderTrainingResult(
            model, result.History, trainingImages.Length, validationImages.Length, failures.ToImmutable(), readingTime, clock.Elapsed);
    }

    /// <summary>Reads and prepares all images on all cores; what stays in memory is small: 4 KiB an image at 64x64 gray.</summary>
    private static async Task<Image[]> ReadAsync(
        ProductCatalog catalog,
        Preprocessing preprocessing,
        AutoencoderTrainingOptions options,
        ImmutableArray<ImageFailure>.Builder failures,
        CancellationToken cancellationToken)
    {
        Image?[][] images = await ImageReading.ReadAsync(
            catalog, image => preprocessing.Prepare(image.Load(options.Decoder, options.DecoderOptions)), failures, cancellationToken).ConfigureAwait(false);
        return [.. images.SelectMany(ofProduct => ofProduct).OfType<Image>()];
    }
}
