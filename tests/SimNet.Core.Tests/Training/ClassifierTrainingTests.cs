using System.Collections.Immutable;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core.Tests;

public sealed class ClassifierTrainingTests
{
    private static readonly ClassifierTrainingOptions Small = new()
    {
        Architecture = CreateTiny,
        EmbeddingLayer = "pool",
        Stages = [new TrainingStage(16, 4)],
        BatchSize = 8,
        LearningRate = 0.02f,
        Seed = 5,
    };

    [Fact]
    public async Task Training_learns_and_is_evaluated_on_unseen_products()
    {
        CatalogSplit split = await SplitAsync();

        ClassifierTrainingResult result =
            await ClassifierTraining.TrainAsync(split, Small with { Stages = [new TrainingStage(8, 6), new TrainingStage(16, 4)] });

        Assert.Equal(Enumerable.Range(1, 10), result.History.Select(record => record.Epoch));
        Assert.Equal(result.History.Skip(6).MinBy(record => record.ValidationLoss)!.Epoch, result.Epoch);
        Assert.Equal((split.Training.Count, split.Validation.Count), (result.TrainingProducts, result.ValidationImages));
        Assert.InRange(result.Test!.Scores.Accuracy, 0.9, 1);
        Assert.Equal(result.History[result.Epoch - 1].ValidationMetric!.Value, result.Validation!.Scores.Accuracy, 1e-6);
        Assert.Equal(split.Test.Count, result.Test.Scores.Confusion.Total);
        Assert.Equal(1, result.Test.Top5);
        Assert.Equal(result.Test.Mistakes.Length, (int)Math.Round((1 - result.Test.Scores.Accuracy) * split.Test.Count));

        using var classifier = new ImageClassifier(result.Model);
        Assert.Equal(["blue", "green", "red"], classifier.Classes.ToArray());
        Assert.Equal("green", classifier.Classify(Square(1, 999))[0].Class);
        Assert.Equal(new Shape(3, 16, 16), Preprocessing.FromMetadata(result.Model.Metadata).InputShape);
        Assert.Equal("kind", result.Model.Metadata[ClassifierTraining.LabelKey]);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_model_with_one_and_two_threads()
    {
        CatalogSplit split = await SplitAsync();
        string one = await TrainAsync(1, 5), two = await TrainAsync(2, 5), other = await TrainAsync(2, 6);

        Assert.Equal(one, two);
        Assert.NotEqual(one, other);

        async Task<string> TrainAsync(int threads, int seed) => (await ClassifierTraining.TrainAsync(split, Small with
        {
            Seed = seed,
            Stages = [new TrainingStage(8, 1), new TrainingStage(16, 1)],
            Mixup = 0.2,
            CutMix = 1,
            Backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads }),
        })).Model.Id;
    }

    [Fact]
    public async Task A_training_resumed_in_its_second_stage_gives_the_identical_model()
    {
        using var folder = new TemporaryFolder();
        CatalogSplit split = await SplitAsync();
        ClassifierTrainingOptions options = Small with { Stages = [new TrainingStage(8, 2), new TrainingStage(16, 3)] };
        ClassifierTrainingResult whole = await ClassifierTraining.TrainAsync(split, options);

        ClassifierTrainingOptions kept = options with { CheckpointPath = folder.File("run.checkpoint"), Resume = true };
        using var source = new CancellationTokenSource();
        var stop = new ForwardedProgress<TrainingProgress>(report =>
        {
            if (report.CompletedEpoch?.Epoch == 4)
            {
                source.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ClassifierTraining.TrainAsync(split, kept, stop, cancellationToken: source.Token));
        Assert.All(kept.CheckpointPaths, path => Assert.True(File.Exists(path)));
        var epochs = new List<int>();
        ClassifierTrainingResult resumed =
            await ClassifierTraining.TrainAsync(split, kept, new ForwardedProgress<TrainingProgress>(report => epochs.Add(report.Epoch)));

        Assert.Equal(whole.Model.Id, resumed.Model.Id);
        Assert.Equal([5], epochs.Distinct());
        Assert.Equal(whole.History.Select(record => record.TrainingLoss), resumed.History.Select(record => record.TrainingLoss));
    }

    [Fact]
    public async Task A_resumed_run_ignores_checkpoints_of_later_stages_of_another_run()
    {
        using var folder = new TemporaryFolder();
        CatalogSplit split = await SplitAsync();
        ClassifierTrainingOptions options =
            Small with { Stages = [new TrainingStage(8, 2), new TrainingStage(16, 1)], CheckpointPath = folder.File("run.checkpoint") };
        await ClassifierTraining.TrainAsync(split, options with { Seed = 1 });
        using var source = new CancellationTokenSource();
        var stop = new ForwardedProgress<TrainingProgress>(report =>
        {
            if (report.CompletedEpoch?.Epoch == 1)
            {
                source.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ClassifierTraining.TrainAsync(split, options, stop, cancellationToken: source.Token));
        ClassifierTrainingResult resumed = await ClassifierTraining.TrainAsync(split, options with { Resume = true });

        Assert.Equal(3, resumed.History.Count);
    }

    [Fact]
    public async Task Weights_for_another_number_of_classes_are_used_except_for_the_last_layer()
    {
        CatalogSplit split = await SplitAsync();
        StateDict pretrained = WeightInitialization.Create(CreateTiny(7, 16), seed: 42);

        // With such a small learning rate, the weights do not change.
        ClassifierTrainingResult result = await ClassifierTraining.TrainAsync(
            split, Small with { InitialWeights = pretrained, LearningRate = 1e-12f, Stages = [new TrainingStage(16, 1)] });

        Assert.Equal(pretrained["conv.weight"].Values.ToArray(), result.Model.Weights["conv.weight"].Values.ToArray());
        Assert.Equal([3, 8, 1, 1], result.Model.Weights["logits.weight"].Dimensions.ToArray());
        StateDict incomplete = new(pretrained.Where(pair => pair.Key != "conv.bias"));
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(
            () => ClassifierTraining.TrainAsync(split, Small with { InitialWeights = incomplete }));
        Assert.Contains("conv.bias", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frozen_layers_keep_their_weights_and_patience_ends_the_last_stage_early()
    {
        CatalogSplit split = await SplitAsync();
        StateDict first = WeightInitialization.Create(CreateTiny(3, 16), seed: 42);

        ClassifierTrainingResult result = await ClassifierTraining.TrainAsync(split, Small with
        {
            InitialWeights = first,
            FrozenLayers = ["conv"],
            AverageDecay = 0.9f,
            Patience = 2,
            LearningRate = 1e-12f,
            Stages = [new TrainingStage(8, 3), new TrainingStage(16, 50)],
        });

        Assert.Equal(first["conv.weight"].Values.ToArray(), result.Model.Weights["conv.weight"].Values.ToArray());
        Assert.InRange(result.History.Count, 3 + 3, 3 + 20);
        ClassifierTrainingResult alone =
            await ClassifierTraining.TrainAsync(split with { Validation = new ProductCatalog([]) }, Small with { Patience = 1 });
        Assert.Equal((4, 4, null), (alone.History.Count, alone.Epoch, alone.Validation));
    }

    [Fact]
    public async Task Pruned_weights_stay_zero_in_all_stages_of_fine_tuning()
    {
        CatalogSplit split = await SplitAsync();
        StateDict trained = (await ClassifierTraining.TrainAsync(split, Small)).Model.Weights;
        ClassifierTrainingOptions pruning = Small with
        {
            PruningShares = new Dictionary<string, double> { ["conv"] = 0.25 },
            InitialWeights = trained,
            Stages = [new TrainingStage(8, 2), new TrainingStage(16, 3)],
            AverageDecay = 0.9f,
        };

        ClassifierTrainingResult result = await ClassifierTraining.TrainAsync(split, pruning);

        float[] before = trained["conv.weight"].Values.ToArray(), after = result.Model.Weights["conv.weight"].Values.ToArray();
        float least = before.Select(Math.Abs).OrderDescending().ElementAt((before.Length / 4) - 1);
        Assert.Equal(before.Select(value => Math.Abs(value) >= least), after.Select(value => value != 0));
        Assert.NotEqual(before.Where(value => Math.Abs(value) >= least), after.Where(value => value != 0));
        Assert.InRange(result.Test!.Scores.Accuracy, 0.8, 1);
        await Assert.ThrowsAsync<ArgumentException>(
            "options", () => ClassifierTraining.TrainAsync(split, pruning with { InitialWeights = null }));
    }

    [Fact]
    public async Task Products_of_other_classes_are_skipped_and_unreadable_images_reported()
    {
        var bad = new Product("bad", ImageSource.FromBytes("bad", new byte[3]))
        {
            Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("kind", "red"),
        };
        CatalogSplit split = await SplitAsync();
        split = split with { Training = new ProductCatalog(split.Training.Append(bad)) };

        ClassifierTrainingResult result =
            await ClassifierTraining.TrainAsync(split, Small with { Classes = ["red", "blue"], BalanceClasses = true });

        Assert.Equal("bad", Assert.Single(result.Failures).ProductId);
        Assert.Equal(split.Training.Count(product => product.GetLabel("kind") is "red" or "blue") - 1, result.TrainingProducts);
        Assert.Equal(split.Test.Count(product => product.GetLabel("kind") == "green"), result.Test!.Skipped);
    }

    [Fact]
    public async Task Images_are_decoded_once_an_epoch_and_not_to_check_them()
    {
        CatalogSplit pixels = await SplitAsync();
        ProductCatalog encoded = new(pixels.Training.Select(product => product with
        {
            Images = [ImageSource.FromBytes(product.Id, PngEncoder.Encode(product.Images[0].Load()))],
        }));
        var decoder = new CountingDecoder();

        ClassifierTrainingResult result = await ClassifierTraining.TrainAsync(
            pixels with { Training = encoded }, Small with { Stages = [new TrainingStage(24, 2)], Decoder = decoder });

        // Besides the epochs, one image of each of the three classes.
        Assert.Equal((2 * encoded.Count) + 3, decoder.Count);
        Assert.Empty(result.Failures);
    }

    [Fact]
    public async Task Training_goes_on_without_images_that_cannot_be_decoded_wherever_they_are()
    {
        CatalogSplit split = await SplitAsync();
        split = split with { Training = WithBad(split.Training, "t"), Validation = WithBad(split.Validation, "v") };

        ClassifierTrainingResult result = await ClassifierTraining.TrainAsync(split, Small);

        Assert.Equal(["t0", "t1", "v0", "v1"], result.Failures.Select(failure => failure.ProductId));
        Assert.Equal("a text file", Assert.Single(ImageFailure.CountByCause(result.Failures)).Cause);
        Assert.Equal(split.Training.Count - 2, result.TrainingProducts);
        Assert.Equal(split.Validation.Count - 2, result.ValidationImages);

        static ProductCatalog WithBad(ProductCatalog good, string name) => new([Bad(name + "0"), .. good, Bad(name + "1")]);

        static Product Bad(string id) => new(id, ImageSource.FromBytes(id, "text"u8.ToArray()))
        {
            Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("kind", "red"),
        };
    }

    [Fact]
    public async Task Invalid_options_throw_before_the_training_starts()
    {
        CatalogSplit split = await SplitAsync();
        await FailsAsync("two", Small with { Classes = ["red"] });
        await FailsAsync("yellow", Small with { Classes = ["red", "yellow"] });
        await FailsAsync("Stages", Small with { Stages = [] });
        await FailsAsync("expected", Small with { Architecture = (classes, size) => CreateTiny(classes + 1, size) });
        Assert.Throws<ArgumentOutOfRangeException>("Size", () => new TrainingStage(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("Epochs", () => new TrainingStage(64, 0));

        async Task FailsAsync(string problem, ClassifierTrainingOptions options) =>
            Assert.Contains(
                problem,
                (await Assert.ThrowsAsync<ArgumentException>(() => ClassifierTraining.TrainAsync(split, options))).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluation_with_a_label_without_any_class_of_the_model_throws()
    {
        CatalogSplit split = await SplitAsync();
        using var classifier = new ImageClassifier((await ClassifierTraining.TrainAsync(split, Small)).Model);

        await Assert.ThrowsAsync<ArgumentException>("products", () => classifier.EvaluateAsync(split.Test, "color"));
    }

    private sealed class CountingDecoder : IImageDecoder
    {
        private int _count;

        public int Count => _count;

        public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
        {
            Interlocked.Increment(ref _count);
            return ImageDecoder.Default.Decode(data, options);
        }
    }

    private static Network CreateTiny(int classes, int size) => new("tiny", new Shape(3, size, size),
    [
        new Conv2d("conv", 8, 3) { Padding = 1 },
        new LeakyRelu("act"),
        new GlobalAveragePool2d("pool"),
        new Conv2d("logits", classes, 1),
    ]);

    /// <summary>A red, green or blue square on white, at a random position and with random shading.</summary>
    private static Image Square(int kind, int seed)
    {
        var random = new SeededRandom(kind, seed);
        var pixels = new byte[24 * 24 * 3];
        Array.Fill(pixels, (byte)255);
        int left = random.NextInt32(10), top = random.NextInt32(10);
        byte strong = (byte)(170 + random.NextInt32(60));
        for (int y = top; y < top + 13; y++)
        {
            for (int x = left; x < left + 13; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    pixels[(((y * 24) + x) * 3) + c] = c == kind ? strong : (byte)random.NextInt32(90);
                }
            }
        }

        return new Image(24, 24, 3, pixels);
    }

    private static async Task<CatalogSplit> SplitAsync() => await CatalogSplit.CreateAsync(
        new ProductCatalog(Enumerable.Range(0, 150).Select(i =>
            SyntheticImages.Product($"{i}", Square(i % 3, i), new[] { "red", "green", "blue" }[i % 3]))),
        new CatalogSplitOptions { Label = "kind", ValidationShare = 0.2, TestShare = 0.2, NearDuplicates = null });
}
