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
/// Trains the denoising autoencoder of AutoSimNet on product images, for which no labels are needed. Its bottleneck is the embedding.
/// </summary>
public static class AutoencoderTraining
{
    /// <summary>Trains on the images of a catalog.</summary>
    /// <param name="training">The products to train on.</param>
    /// <param name="validation">
    /// The products to evaluate on after each epoch; <see langword="null"/>, the default, for no validation.
    /// </param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the progress of the training, which starts after all images are read.</param>
    /// <param name="logger">The logger; <see langword="null"/>, the default, disables logging.</param>
    /// <param name="cancellationToken">Cancels the training within one batch. Checkpoints that are already written remain.</param>
    /// <returns>The trained model and its history.</returns>
    /// <exception cref="ArgumentException">No image can be read, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The checkpoint belongs to a training with other options or data, or the training diverges.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
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
        Image[] validationImages = validation is null ? []
            : await ReadAsync(validation, preprocessing, options, failures, cancellationToken).ConfigureAwait(false);
        if (trainingImages.Length == 0)
        {
            throw new ArgumentException(
                failures.Count > 0 ? $"None of the {failures.Count} images can be read. The first problem: {failures[0].Problem}"
                    : "The catalog is empty; expected at least one image.",
                nameof(training));
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
            // The key that earlier versions write.
            .Add("training.pictures", trainingImages.Length.ToString(CultureInfo.InvariantCulture))
            .Add("training.epochs", options.Epochs.ToString(CultureInfo.InvariantCulture))
            .Add("training.seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        var model = new Model(network, result.Weights, DenoisingAutoencoder.EmbeddingLayer, metadata);
        return new AutoencoderTrainingResult(
            model, result.History, trainingImages.Length, validationImages.Length, failures.ToImmutable(), readingTime, clock.Elapsed);
    }

    /// <summary>Reads and preprocesses all images, which stay in memory: 4 KiB for each gray image of 64x64.</summary>
    private static async Task<Image[]> ReadAsync(
        ProductCatalog catalog,
        Preprocessing preprocessing,
        AutoencoderTrainingOptions options,
        ImmutableArray<ImageFailure>.Builder failures,
        CancellationToken cancellationToken)
    {
        ImageDecoderOptions decoderOptions = preprocessing.ForDecoding(options.DecoderOptions);
        Image?[][] images = await ImageReading.ReadAsync(
            catalog,
            image => preprocessing.Prepare(image.Load(options.Decoder, decoderOptions)),
            failures,
            cancellationToken).ConfigureAwait(false);
        return [.. images.SelectMany(ofProduct => ofProduct).OfType<Image>()];
    }
}
