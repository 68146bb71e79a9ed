namespace SimNet.Models.Tests;

public sealed class CheckpointTests : IDisposable
{
    private static readonly Network Point = PointwiseBackend.NetworkOf(channels: 2, outputs: 2, size: 2);

    private readonly TemporaryFolder _folder = new();

    private TrainerOptions Options => new()
    {
        Epochs = 6,
        BatchSize = 4,
        Seed = 3,
        LearningRate = 0.05f,
        Optimizer = new Sgd { Momentum = 0.9f },
        Schedule = new CosineSchedule { WarmUpEpochs = 1.5 },
        CheckpointPath = _folder["run.safetensors"],
        Resume = true,
        Metric = (output, target) => output[0] - target[0],
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 5)]
    [InlineData(4, 6)]
    public async Task A_canceled_and_resumed_run_equals_an_uninterrupted_one(int every, int canceledIn)
    {
        TrainingResult whole = await Train(Options with { CheckpointPath = null, Resume = false });

        // Cancels within an epoch, after the second step.
        TrainerOptions options = Options with { CheckpointEveryEpochs = every };
        using var cancellation = new CancellationTokenSource();
        var backend = new PointwiseBackend();
        backend.OnStep = step => { if (step == (canceledIn - 1) * 5 + 2) { cancellation.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Train(options, backend: backend, cancellationToken: cancellation.Token));
        TrainingResult resumed = await Train(options);

        Assert.Equal((canceledIn - 1) / every * every, resumed.ResumedFromEpoch);
        Assert.Null(StateDictComparison.FirstDifference(whole.Weights, resumed.Weights));
        Assert.Equal(whole.History.Select(Lasting), resumed.History.Select(Lasting));
        Assert.Equal(["run.safetensors"], _folder.FileNames);
    }

    [Fact]
    public async Task Resuming_a_completed_run_takes_no_step()
    {
        TrainingResult first = await Train(Options);
        var backend = new PointwiseBackend();
        TrainingResult again = await Train(Options, backend: backend);

        Assert.Null(StateDictComparison.FirstDifference(first.Weights, again.Weights));
        Assert.Equal(first.History.AsEnumerable(), again.History);
        Assert.Equal(6, again.ResumedFromEpoch);
        Assert.Empty(backend.Steps);
    }

    [Fact]
    public async Task A_run_resumes_on_another_back_end()
    {
        TrainingResult whole = await Train(Options with { CheckpointPath = null, Resume = false });
        TrainerOptions constant = Options with { Schedule = new ConstantSchedule() };
        await Train(constant with { Epochs = 2 });
        TrainingResult resumed = await Train(constant, backend: new PointwiseBackend { Name = "elsewhere" });

        Assert.Equal(2, resumed.ResumedFromEpoch);
        Assert.Equal(whole.History.Length, resumed.History.Length);
    }

    [Fact]
    public async Task A_run_can_be_extended_if_its_past_rates_are_unchanged()
    {
        TrainerOptions constant = Options with { Schedule = new ConstantSchedule() };
        TrainingResult whole = await Train(constant with { Epochs = 9, CheckpointPath = null, Resume = false });
        await Train(constant);
        TrainingResult prolonged = await Train(constant with { Epochs = 9 });

        Assert.Equal(6, prolonged.ResumedFromEpoch);
        Assert.Null(StateDictComparison.FirstDifference(whole.Weights, prolonged.Weights));
    }

    [Fact]
    public async Task Without_resume_a_new_run_replaces_the_checkpoint()
    {
        TrainingResult first = await Train(Options);
        TrainingResult second = await Train(Options with { Resume = false });

        Assert.Equal(0, second.ResumedFromEpoch);
        Assert.Null(StateDictComparison.FirstDifference(first.Weights, second.Weights));
    }

    [Fact]
    public async Task Resuming_another_run_throws_naming_the_difference()
    {
        await Train(Options);

        await Throws(Options with { BatchSize = 5 }, null, null, "batch_size is '4' in the checkpoint and '5' in this run");
        await Throws(Options with { Seed = 4 }, null, null, "seed is '3' in the checkpoint and '4' in this run");
        await Throws(Options with { Optimizer = new Sgd { Momentum = 0.8f } }, null, null, "momentum=0.9");
        await Throws(Options with { Optimizer = new Adam() }, null, null, "Adam beta1=0.9");
        await Throws(Options with { Loss = Loss.BinaryCrossEntropy }, null, null, "BinaryCrossEntropy");
        await Throws(Options with { Initializer = WeightInitializer.HeNormal }, null, null, "initial_weights");
        await Throws(Options with { LearningRate = 0.06f }, null, null, "epoch 1 ended at learning rate");
        await Throws(Options with { Schedule = new ConstantSchedule() }, null, null, "epoch 1 ended at learning rate");
        await Throws(Options with { Epochs = 12 }, null, null, "ended at learning rate");
        await Throws(
            Options with { Epochs = 5, Schedule = new ConstantSchedule() }, null, null, "the checkpoint has 6 epochs and this run 5");
        await Throws(Options, Data(21), null, "samples is '20' in the checkpoint and '21' in this run");
        await Throws(Options, Data(20, noise: 0.25f), null, "data is");
        await Throws(Options, null, new Network("renamed", Point.InputShape, Point.Layers), "network is");

        async Task Throws(TrainerOptions options, ArrayData? data, Network? network, string named)
        {
            byte[] before = File.ReadAllBytes(options.CheckpointPath!);
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Train(options, data, network));
            Assert.Contains(named, exception.Message, StringComparison.Ordinal);
            Assert.Contains(options.CheckpointPath!, exception.Message, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(options.CheckpointPath!));
        }
    }

    [Fact]
    public async Task A_file_that_is_not_a_checkpoint_throws()
    {
        new Model(Point, WeightInitialization.Create(Point, 1), PointwiseBackend.Layer).Save(Options.CheckpointPath!);
        await Assert.ThrowsAsync<ModelFormatException>(() => Train(Options));

        SafetensorsFile.Write(Options.CheckpointPath!, new StateDict([]));
        await Assert.ThrowsAsync<ModelFormatException>(() => Train(Options));

        await Train(Options with { Resume = false });
        Assert.Throws<ModelFormatException>(() => Model.Load(Options.CheckpointPath!));
    }

    [Theory]
    [InlineData("weights.point.bias", null)]
    [InlineData("optimizer.point.weight", null)]
    [InlineData("other.point.weight", "weights.point.weight")]
    [InlineData("weights.point.other", "weights.point.bias")]
    [InlineData("weights.point.bias", "weights.point.weight")]
    public async Task Missing_unknown_or_misshapen_tensors_throw(string name, string? copiedFrom)
    {
        await Train(Options);
        SafetensorsContent content = SafetensorsFile.Read(Options.CheckpointPath!);
        var tensors = new Dictionary<string, WeightTensor>(content.Tensors);
        tensors.Remove(name);
        if (copiedFrom is not null)
        {
            tensors[name] = tensors[copiedFrom];
        }

        SafetensorsFile.Write(Options.CheckpointPath!, new StateDict(tensors), content.Metadata);
        var exception = await Assert.ThrowsAsync<ModelFormatException>(() => Train(Options));
        Assert.Equal(Options.CheckpointPath, exception.File);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[{\"epoch\":1}]")]
    [InlineData(
        """[{"epoch":2,"training_loss":1,"training_metric":1,"validation_loss":1"""
            + ""","validation_metric":1,"learning_rate":0.1,"elapsed":"00:00:01"}]""")]
    [InlineData(
        """[{"epoch":1,"training_loss":1,"training_metric":1,"validation_loss":1"""
            + ""","validation_metric":1,"learning_rate":0.1,"elapsed":"00:00:01","x":1}]""")]
    public async Task An_invalid_history_throws(string history)
    {
        await Train(Options);
        SafetensorsContent content = SafetensorsFile.Read(Options.CheckpointPath!);
        SafetensorsFile.Write(
            Options.CheckpointPath!, content.Tensors, new Dictionary<string, string>(content.Metadata) { ["simnet.history"] = history });

        await Assert.ThrowsAsync<ModelFormatException>(() => Train(Options));
    }

    [Fact]
    public async Task A_damaged_checkpoint_throws_or_gives_the_same_weights()
    {
        TrainingResult whole = await Train(Options);
        byte[] file = File.ReadAllBytes(Options.CheckpointPath!);
        int headerEnd = 8 + (int)BitConverter.ToInt64(file);
        var random = new SeededRandom(9);
        int thrown = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. file];
            damaged[random.NextInt32(headerEnd)] ^= (byte)(1 << random.NextInt32(8));
            File.WriteAllBytes(Options.CheckpointPath!, i % 4 == 0 ? damaged[..random.NextInt32(file.Length)] : damaged);
            try
            {
                Assert.Null(StateDictComparison.FirstDifference(whole.Weights, (await Train(Options)).Weights));
            }
            catch (Exception exception) when (exception is ModelFormatException or InvalidOperationException)
            {
                thrown++;
            }
        }

        Assert.InRange(thrown, 700, 999);
    }

    [Fact]
    public async Task A_metric_of_NaN_round_trips_through_the_checkpoint()
    {
        TrainerOptions options = Options with { Metric = (_, _) => double.NaN };
        await Train(options with { Schedule = new ConstantSchedule() });
        TrainingResult resumed = await Train(options with { Schedule = new ConstantSchedule(), Epochs = 7 });

        Assert.Equal(6, resumed.ResumedFromEpoch);
        Assert.All(resumed.History, r => Assert.True(double.IsNaN(r.TrainingMetric!.Value)));
    }

    private static Task<TrainingResult> Train(
        TrainerOptions options,
        ArrayData? data = null,
        Network? network = null,
        PointwiseBackend? backend = null,
        CancellationToken cancellationToken = default) =>
        new Trainer(backend ?? new PointwiseBackend()).TrainAsync(
            network ?? Point, data ?? Data(20), Data(7), options, null, cancellationToken);

    private static ArrayData Data(int count, float noise = 0.2f)
    {
        var random = new SeededRandom(1);
        float[] inputs = new float[count * 8], targets = new float[count * 8];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = (float)random.NextGaussian();
            targets[i] = (float)random.NextGaussian();
        }

        return new ArrayData(inputs, targets, new Shape(2, 2, 2), new Shape(2, 2, 2)) { Noise = noise };
    }

    private static EpochRecord Lasting(EpochRecord record) => record with { Elapsed = default };
}
