using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core.Tests;

public sealed class AutoencoderTrainingTests
{
    private static readonly AutoencoderTrainingOptions Small = new() { ImageSize = 16, Epochs = 3, BatchSize = 8, Seed = 4 };

    [Fact]
    public async Task Training_reduces_the_loss_and_the_model_contains_its_preprocessing()
    {
        AutoencoderTrainingResult result = await AutoencoderTraining.TrainAsync(
            SyntheticProducts.Line(), SyntheticProducts.Line(6), Small with { Epochs = 30, LearningRate = 3e-3f });

        Assert.Equal((24, 6), (result.TrainingImages, result.ValidationImages));
        Assert.Equal(30, result.History.Count);
        Assert.True(result.History[^1].TrainingLoss < 0.5 * result.History[0].TrainingLoss);
        Assert.All(result.History, epoch => Assert.InRange(epoch.ValidationMetric!.Value, 0, 1));
        Assert.Equal(new Preprocessing { Width = 16, Height = 16 }, Preprocessing.FromMetadata(result.Model.Metadata));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_model_with_one_and_two_threads()
    {
        string one = await TrainAsync(1, seed: 4), two = await TrainAsync(2, seed: 4), other = await TrainAsync(2, seed: 5);

        Assert.Equal(one, two);
        Assert.NotEqual(one, other);

        static async Task<string> TrainAsync(int threads, int seed) => (await AutoencoderTraining.TrainAsync(
            SyntheticProducts.Line(),
            options: Small with
            {
                Seed = seed,
                Backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads }),
            })).Model.Id;
    }

    [Fact]
    public async Task Unreadable_images_are_reported_and_a_catalog_without_readable_images_throws()
    {
        using var folder = new TemporaryFolder();
        string bad = folder.Write("bad.png", "no image");
        var mixed = new ProductCatalog(SyntheticProducts.Line().Append(new Product("bad", bad)));

        AutoencoderTrainingResult result = await AutoencoderTraining.TrainAsync(mixed, options: Small);

        Assert.Equal(("bad", bad), (Assert.Single(result.Failures).ProductId, result.Failures[0].Image));
        Assert.Equal(24, result.TrainingImages);
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(
            () => AutoencoderTraining.TrainAsync(new ProductCatalog([new Product("bad", bad)]), options: Small));
        Assert.Contains(bad, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_stops_the_training_within_one_batch()
    {
        using var source = new CancellationTokenSource();
        var progress = new ForwardedProgress<TrainingProgress>(_ => source.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AutoencoderTraining.TrainAsync(
            SyntheticProducts.Line(), options: Small with { Epochs = 100_000 }, progress: progress, cancellationToken: source.Token));
    }

    [Fact]
    public async Task Color_images_can_be_trained_on()
    {
        AutoencoderTrainingResult result =
            await AutoencoderTraining.TrainAsync(SyntheticProducts.Line(), options: Small with { Color = ColorMode.Rgb });

        Assert.Equal(new Shape(3, 16, 16), result.Model.Network.InputShape);
    }
}
