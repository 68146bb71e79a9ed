namespace SimNet.Models.Tests;

/// <summary>Tests weight averaging, early stopping, best weights, and kept zeros, including resumption.</summary>
public sealed class RecipeTests : IDisposable
{
    private static readonly Network Point = PointwiseBackend.NetworkOf();

    private static readonly TrainerOptions Options = new()
    {
        Epochs = 5,
        BatchSize = 4,
        Seed = 11,
        LearningRate = 0.05f,
        Optimizer = new Sgd { Momentum = 0 },
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0.9f)]
    [InlineData(0.3f)]
    public async Task The_average_follows_its_formula(float decay)
    {
        // Computes the average from the weights of the same steps without averaging.
        var steps = new List<(float Weight, float Bias)>();
        double weight = 0, bias = 0;
        StateDict start = Weights(0.5f, 0.25f);
        var backend = new PointwiseBackend();
        TrainingResult averaged = await new Trainer(backend).TrainAsync(
            Point, ArrayData.Line(8), ArrayData.Line(4), Options with { AverageDecay = decay, InitialWeights = start });
        for (int step = 1; step <= 10; step++)
        {
            // A run that stops changing after this step ends with the weights of this step.
            TrainingResult plain = await new Trainer(new PointwiseBackend { StopAfterStep = step }).TrainAsync(
                Point, ArrayData.Line(8), null, Options with { InitialWeights = start });
            steps.Add((plain.Weights.Values("point.weight")[0], plain.Weights.Values("point.bias")[0]));
        }

        (weight, bias) = (0.5, 0.25);
        for (int step = 1; step <= 10; step++)
        {
            double keep = Math.Min(decay, (1.0 + step) / (10 + step));
            weight = keep * weight + (1 - keep) * steps[step - 1].Weight;
            bias = keep * bias + (1 - keep) * steps[step - 1].Bias;
        }

        Assert.Equal(weight, averaged.Weights.Values("point.weight")[0], 1e-5);
        Assert.Equal(bias, averaged.Weights.Values("point.bias")[0], 1e-5);

        // Validation uses the averaged weights.
        Assert.Equal(
            Enumerable.Range(0, 4).Average(i => Math.Pow((weight - 3) * (2.0 * i / 3 - 1) + bias + 1, 2)),
            averaged.History[^1].ValidationLoss!.Value,
            1e-5);
        Assert.Equal(10, backend.Steps.Count);
    }

    [Fact]
    public async Task Averaging_does_not_change_the_steps()
    {
        TrainingResult plain = await Train(new ManagedBackend(), Recipe() with { AverageDecay = 0, KeepBest = false });
        TrainingResult averaged = await Train(new ManagedBackend(), Recipe() with { KeepBest = false });

        Assert.Equal(plain.History.Select(r => r.TrainingLoss), averaged.History.Select(r => r.TrainingLoss));
        Assert.NotEqual(plain.History.Select(r => r.ValidationLoss), averaged.History.Select(r => r.ValidationLoss));
        Assert.NotNull(StateDictComparison.FirstDifference(plain.Weights, averaged.Weights));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_canceled_and_resumed_run_with_all_options_equals_an_uninterrupted_one(int canceledAfter)
    {
        TrainingResult whole = await Train(new ManagedBackend(), Recipe());
        TrainerOptions kept = Recipe() with { CheckpointPath = _folder["run"], Resume = true };
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Train(
            new ManagedBackend(),
            kept,
            new ProgressList(r => { if (r.CompletedEpoch?.Epoch == canceledAfter) { cancellation.Cancel(); } }),
            cancellation.Token));
        TrainingResult resumed = await Train(new ManagedBackend(new ManagedBackendOptions { MaxThreads = 1 }), kept);

        Assert.Equal(canceledAfter, resumed.ResumedFromEpoch);
        Assert.Equal(whole.Epoch, resumed.Epoch);
        Assert.Null(StateDictComparison.FirstDifference(whole.Weights, resumed.Weights));
        Assert.Equal(whole.History.Select(r => r with { Elapsed = default }), resumed.History.Select(r => r with { Elapsed = default }));
    }

    [Theory]
    [InlineData("5 4 3 6 7 2 1", 2, BestEpochCriterion.LowestValidationMetric, 5, 3)]
    [InlineData("5 4 3 6 7 2 1", 3, BestEpochCriterion.LowestValidationMetric, 7, 7)]
    [InlineData("5 4 3 6 7 2 1", 0, BestEpochCriterion.LowestValidationMetric, 7, 7)]
    [InlineData("5 4 3 6 7 2 1", 2, BestEpochCriterion.HighestValidationMetric, 3, 1)]
    [InlineData("5 5 5 5 5 5 5", 3, BestEpochCriterion.HighestValidationMetric, 4, 1)]
    [InlineData("NaN 4 NaN 3 5 2 2", 0, BestEpochCriterion.HighestValidationMetric, 7, 5)]
    [InlineData("NaN NaN NaN NaN NaN NaN NaN", 3, BestEpochCriterion.HighestValidationMetric, 3, 3)]
    [InlineData("1 1 1 1 1 1 1", 2, BestEpochCriterion.LowestValidationLoss, 7, 7)]
    public async Task Early_stopping_returns_the_weights_of_the_best_epoch(
        string metrics, int patience, BestEpochCriterion criterion, int epochs, int best)
    {
        double[] script = [.. metrics.Split(' ').Select(m => double.Parse(m, System.Globalization.CultureInfo.InvariantCulture))];
        TrainerOptions options = Options with
        {
            Epochs = 7,
            BatchSize = 8,
            Patience = patience,
            Criterion = criterion,
            KeepBest = true,
            CheckpointPath = _folder["run"],
            CheckpointEveryEpochs = 100,
        };
        TrainingResult result = await Run(options);

        Assert.Equal(epochs, result.History.Length);
        Assert.Equal(best, result.Epoch);
        TrainingResult until = await new Trainer(new PointwiseBackend()).TrainAsync(
            Point, ArrayData.Line(8), null, Options with { Epochs = best, BatchSize = 8 });
        Assert.Null(StateDictComparison.FirstDifference(until.Weights, result.Weights));

        // The last epoch wrote a checkpoint, so the same call takes no step.
        TrainingResult again = await Run(options with { Resume = true });
        Assert.Equal((epochs, best), (again.ResumedFromEpoch, again.Epoch));
        Assert.Null(StateDictComparison.FirstDifference(result.Weights, again.Weights));

        // Without KeepBest, the run stops at the same epoch and returns its last weights.
        TrainingResult last = await Run(options with { KeepBest = false });
        Assert.Equal((epochs, epochs), (last.History.Length, last.Epoch));

        Task<TrainingResult> Run(TrainerOptions run)
        {
            // One training batch and one validation batch per epoch.
            int calls = 0;
            return new Trainer(new PointwiseBackend()).TrainAsync(
                Point, ArrayData.Line(8), ArrayData.Line(5), run with { Metric = (_, _) => calls++ % 2 == 0 ? 0 : script[calls / 2 - 1] });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeepZeros_holds_through_decay_averaging_and_resumption(bool decoupled)
    {
        Network network = DenoisingAutoencoder.Create(8);
        StateDict dense = WeightInitialization.Create(network, 3);
        var start = new StateDict(dense.Select(t => KeyValuePair.Create(t.Key, t.Value.Dimensions.Length != 4 ? t.Value
            : new WeightTensor(t.Value.Dimensions, t.Value.Values.ToArray().Select((v, i) => i % 3 == 0 ? v : 0).ToArray()))));
        TrainerOptions options = new()
        {
            Epochs = 2,
            BatchSize = 8,
            LearningRate = 3e-3f,
            KeepZeros = true,
            InitialWeights = start,
            AverageDecay = 0.5f,
            Optimizer = new Adam { WeightDecay = 0.01f, DecoupledWeightDecay = decoupled },
            CheckpointPath = _folder["run"],
            Resume = true,
        };
        await new Trainer(new ManagedBackend()).TrainAsync(
            network, new ShapeImages(24, size: 8), null, options with { Schedule = new ConstantSchedule() });
        StateDict weights = (await new Trainer(new ManagedBackend()).TrainAsync(
            network, new ShapeImages(24, size: 8), null, options with { Epochs = 4 })).Weights;

        int free = 0, moved = 0;
        foreach ((string name, WeightTensor tensor) in start)
        {
            float[] before = tensor.Values.ToArray(), after = weights.Values(name);
            for (int i = 0; i < before.Length; i++)
            {
                if (before[i] == 0 && tensor.Dimensions.Length == 4)
                {
                    Assert.True(BitConverter.SingleToInt32Bits(after[i]) == 0, $"{name}[{i}] became {after[i]}");
                }
                else
                {
                    free++;
                    moved += after[i] != before[i] ? 1 : 0;
                }
            }
        }

        Assert.InRange(moved, free * 9 / 10, free);
    }

    [Fact]
    public async Task Resuming_with_other_recipe_options_throws_naming_the_difference()
    {
        TrainerOptions kept = Recipe() with { CheckpointPath = _folder["run"], Resume = true };
        await Train(new ManagedBackend(), kept);

        await Throws(kept with { AverageDecay = 0.5f }, "average_decay is '0.9' in the checkpoint and '0.5' in this run");
        await Throws(kept with { AverageDecay = 0 }, "average_decay is '0.9' in the checkpoint and '' in this run");
        await Throws(kept with { FrozenLayers = [] }, "frozen_layers is 'encoder.conv1' in the checkpoint and '' in this run");
        await Throws(kept with { KeepZeros = true }, "keep_zeros is '' in the checkpoint and 'true' in this run");
        await Throws(kept with { MaxGradientNorm = 2 }, "max_gradient_norm is '1' in the checkpoint and '2' in this run");
        await Throws(kept with { KeepBest = false }, "keep_best is 'LowestValidationLoss' in the checkpoint and '' in this run");
        await Throws(kept with { Optimizer = new Adam { WeightDecay = 0.01f } }, "decoupled kernels_only");
        await Throws(
            kept with { Loss = new CrossEntropy { LabelSmoothing = 0.1f, ClassWeights = [1.5f, 2] } },
            "CrossEntropy label_smoothing=0.1 class_weights=1.5 2");

        async Task Throws(TrainerOptions options, string named)
            => Assert.Contains(
                named,
                (await Assert.ThrowsAsync<InvalidOperationException>(() => Train(new ManagedBackend(), options))).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("average.")]
    [InlineData("best.")]
    [InlineData("best.encoder.conv2.bias")]
    public async Task A_checkpoint_without_its_averaged_or_best_weights_is_damaged(string without)
    {
        TrainerOptions kept = Recipe() with { CheckpointPath = _folder["run"], Resume = true };
        await Train(new ManagedBackend(), kept);
        SafetensorsContent content = SafetensorsFile.Read(_folder["run"]);
        SafetensorsFile.Write(
            _folder["run"],
            new StateDict(content.Tensors.Where(t => !t.Key.StartsWith(without, StringComparison.Ordinal))),
            content.Metadata);

        await Assert.ThrowsAsync<ModelFormatException>(() => Train(new ManagedBackend(), kept));
    }

    [Fact]
    public void Inconsistent_options_throw_before_training_starts()
    {
        ArrayData data = ArrayData.Line(8);
        Throws(Options with { KeepBest = true }, null, "KeepBest with LowestValidationLoss requires validation data");
        Throws(Options with { Patience = 2 }, null, "Patience with LowestValidationLoss requires validation data");
        Throws(Options with { KeepBest = true, Criterion = BestEpochCriterion.HighestValidationMetric }, data, "requires a Metric");
        Throws(Options with { Patience = -1 }, data, "Patience is -1");
        Throws(Options with { AverageDecay = 1 }, data, "AverageDecay is 1");
        Throws(Options with { AverageDecay = float.NaN }, data, "AverageDecay is NaN");
        Throws(Options with { Criterion = (BestEpochCriterion)7 }, data, "Criterion is 7");
        Throws(Options with { FrozenLayers = ["nowhere"] }, data, "'nowhere'");

        void Throws(TrainerOptions options, ITrainingData? validation, string named)
        {
            var trainer = new Trainer(new PointwiseBackend());
            var exception = Assert.Throws<ArgumentException>(() => { _ = trainer.TrainAsync(Point, data, validation, options); });
            Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        }
    }

    private static TrainerOptions Recipe() => new()
    {
        Epochs = 5,
        BatchSize = 8,
        Seed = 2,
        LearningRate = 5e-3f,
        Schedule = new CosineSchedule { WarmUpEpochs = 1 },
        AverageDecay = 0.9f,
        KeepBest = true,
        FrozenLayers = ["encoder.conv1"],
        MaxGradientNorm = 1,
        Optimizer = new Adam { WeightDecay = 0.01f, DecoupledWeightDecay = true, DecayKernelsOnly = true },
    };

    private static Task<TrainingResult> Train(
        ITrainingBackend backend,
        TrainerOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new Trainer(backend).TrainAsync(
            DenoisingAutoencoder.Create(8),
            new ShapeImages(24, size: 8),
            new ShapeImages(9, size: 8),
            options,
            progress,
            cancellationToken);

    private static StateDict Weights(float weight, float bias) => new(
        [new("point.weight", new WeightTensor([1, 1, 1, 1], new[] { weight })), new("point.bias", new WeightTensor([1], new[] { bias }))]);
}
