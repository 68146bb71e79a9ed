namespace SimNet.TorchSharp.Tests;

/// <summary>The guarantees of sessions besides correct results.</summary>
public sealed class SessionTests
{
    private static readonly Network Classifier = new("classifier", new Shape(2, 8, 8),
    [
        new Conv2d("a", 6, 3) { Padding = 1 }, new BatchNorm2d("a.norm"), new LeakyRelu("a.relu"), new MaxPool2d("a.pool", 2),
        new Dropout("drop") { Rate = 0.3f }, new Conv2d("b", 3, 1), new GlobalAveragePool2d("logits"),
    ]);

    [SkippableFact]
    public async Task Checkpoint_of_one_back_end_resumes_on_the_other()
    {
        foreach ((ITrainingBackend first, ITrainingBackend second)
            in new[] { (Backends.Managed, Backends.Torch), (Backends.Torch, Backends.Managed) })
        {
            using var folder = new TemporaryFolder();
            TrainerOptions options = new()
            {
                Epochs = 4,
                BatchSize = 5,
                Seed = 3,
                Loss = Loss.CrossEntropy,
                Optimizer = new Sgd { WeightDecay = 0.01f },
                LearningRate = 0.01f,
                CheckpointPath = folder["run.safetensors"],
                Resume = true,
                Schedule = new ConstantSchedule(),
            };
            TrainingResult whole = await Train(first, options with { CheckpointPath = null, Resume = false });
            await Train(first, options with { Epochs = 2 });
            TrainingResult resumed = await Train(second, options);

            Assert.Equal(2, resumed.ResumedFromEpoch);
            Assert.Equal(4, resumed.History.Length);
            StateDict start = WeightInitialization.Create(Classifier, 3);
            Assert.InRange(
                Backends.Distance(Backends.Change(start, whole.Weights), Backends.Change(start, resumed.Weights), 1e-2), 0, 5e-3);
        }

        static Task<TrainingResult> Train(ITrainingBackend backend, TrainerOptions options) => new Trainer(backend).TrainAsync(
            Classifier,
            new ArrayData(
                NetworkData.Normal(12 * Classifier.InputShape.Length, 1),
                [.. Enumerable.Range(0, 36).Select(i => i / 3 % 3 == i % 3 ? 1f : 0)],
                Classifier.InputShape,
                Classifier.OutputShape),
            null,
            options);
    }

    [SkippableFact]
    public void Weights_round_trip_bitwise()
    {
        StateDict weights = NetworkData.Weights(Classifier, 1);
        using ITrainingSession session = Create(weights, new TrainingSessionOptions { Loss = Loss.CrossEntropy, FrozenLayers = ["a"] });
        Assert.Null(StateDictComparison.FirstDifference(weights, session.ExportWeights()));

        StateDict others = NetworkData.Weights(Classifier, 2), state = session.ExportOptimizerState();
        session.Restore(others, state);
        Assert.Null(StateDictComparison.FirstDifference(others, session.ExportWeights()));
        Assert.Null(StateDictComparison.FirstDifference(state, session.ExportOptimizerState()));
    }

    [SkippableFact]
    public void State_that_does_not_fit_is_rejected_and_changes_nothing()
    {
        StateDict weights = NetworkData.Weights(Classifier, 1);
        using ITrainingSession session = Create(weights, new TrainingSessionOptions { Loss = Loss.CrossEntropy });
        using ITrainingSession sgd = Create(weights, new TrainingSessionOptions { Loss = Loss.CrossEntropy, Optimizer = new Sgd() });
        StateDict others = NetworkData.Weights(Classifier, 2);

        Assert.Equal(
            "optimizerState", Assert.Throws<ArgumentException>(() => session.Restore(others, sgd.ExportOptimizerState())).ParamName);
        Assert.Equal(
            "weights",
            Assert.Throws<ArgumentException>(
                () => session.Restore(new StateDict(others.Skip(1)), session.ExportOptimizerState())).ParamName);
        Assert.Equal(
            "weights",
            Assert.Throws<ArgumentException>(() => session.Restore(
                new StateDict([.. others, .. sgd.ExportOptimizerState()]), session.ExportOptimizerState())).ParamName);
        Assert.Equal(
            "optimizerState",
            Assert.Throws<ArgumentException>(
                () => session.Restore(others, new StateDict(session.ExportOptimizerState().Where(t => t.Key != "step")))).ParamName);
        Assert.Null(StateDictComparison.FirstDifference(weights, session.ExportWeights()));
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Step_canceled_at_any_time_leaves_weights_and_optimizer_unchanged(int attempt)
    {
        Network network = SqueezeNet.CreateESimNet(3, 64);
        StateDict start = WeightInitialization.Create(network, 1);
        var options = new TrainingSessionOptions { Loss = Loss.CrossEntropy };
        using ITrainingSession session = Create(start, options, network), untouched = Create(start, options, network);
        float[] input = NetworkData.Normal(8 * network.InputShape.Length, 1), target = NetworkData.Uniform(8 * 3, 1);
        session.TrainStep(input, target, 8, 1e-3f);
        untouched.TrainStep(input, target, 8, 1e-3f);
        StateDict weights = session.ExportWeights(), state = session.ExportOptimizerState();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        untouched.Evaluate(input, target, 8);
        TimeSpan forward = clock.Elapsed;

        // The forward pass takes longer in training. If the token is canceled too late, the step completes.
        using var cancellation = new CancellationTokenSource();
        var canceler = new Thread(() =>
        {
            Thread.Sleep(forward * attempt / 3);
            cancellation.Cancel();
        });
        canceler.Start();
        if (attempt == 0)
        {
            // Cancels before the step, even if a busy machine starts the thread late.
            canceler.Join();
        }

        try
        {
            session.TrainStep(input, target, 8, 1e-3f, default, cancellation.Token);
            untouched.TrainStep(input, target, 8, 1e-3f);
            Assert.NotEqual(0, attempt);
        }
        catch (OperationCanceledException)
        {
            Assert.Null(StateDictComparison.FirstDifference(weights, session.ExportWeights()));
            Assert.Null(StateDictComparison.FirstDifference(state, session.ExportOptimizerState()));
        }

        canceler.Join();
        Assert.Equal(untouched.TrainStep(input, target, 8, 1e-3f), session.TrainStep(input, target, 8, 1e-3f), 1e-4f);
    }

    [SkippableFact]
    public void Invalid_options_and_batches_are_rejected()
    {
        StateDict weights = NetworkData.Weights(Classifier, 1);
        var cross = new TrainingSessionOptions { Loss = Loss.CrossEntropy };
        Assert.Contains(
            "Momentum",
            Assert.Throws<ArgumentException>(() => Create(weights, cross with { Optimizer = new Sgd { Momentum = 1 } })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'nothing'",
            Assert.Throws<ArgumentException>(() => Create(weights, cross with { FrozenLayers = ["nothing"] })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'b.bias' is missing",
            Assert.Throws<ArgumentException>(() => Create(new StateDict(weights.Where(t => t.Key != "b.bias")), cross)).Message,
            StringComparison.Ordinal);

        var pixel = new Network("pixel", new Shape(2, 1, 1), [new BatchNorm2d("norm")]);
        using ITrainingSession session = Create(NetworkData.Weights(pixel, 1), new TrainingSessionOptions(), pixel);
        Assert.Contains(
            "'norm'",
            Assert.Throws<ArgumentException>(() => session.TrainStep(new float[2], new float[2], 1, 0.1f)).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "learningRate",
            Assert.Throws<ArgumentOutOfRangeException>(() => session.TrainStep(new float[4], new float[4], 2, float.NaN)).ParamName);
        Assert.Equal("target", Assert.Throws<ArgumentException>(() => session.TrainStep(new float[4], new float[3], 2, 0.1f)).ParamName);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.TrainStep(new float[4], new float[4], 2, 0.1f));
    }

    [SkippableFact]
    public void Unused_layers_and_networks_without_parameters_can_be_trained()
    {
        var spare = new Network(
            "spare", new Shape(2, 4, 4), [new Conv2d("spare", 3, 1), new Conv2d("used", 1, 1) { Inputs = [Network.InputName] }]);
        StateDict weights = NetworkData.Weights(spare, 1);
        using ITrainingSession session = Create(weights, new TrainingSessionOptions(), spare);
        session.TrainStep(new float[32], new float[16], 1, 0.1f);
        Assert.Equal(weights.Values("spare.weight"), session.ExportWeights().Values("spare.weight"));
        Assert.DoesNotContain("spare.weight.exp_avg", session.ExportOptimizerState().Keys);

        var still = new Network("still", new Shape(1, 2, 2), [new Sigmoid("sigmoid")]);
        using ITrainingSession nothing = Create(new StateDict([]), new TrainingSessionOptions(), still);
        Assert.Equal(0.25f, nothing.TrainStep(new float[4], new float[4], 1, 0.1f));
        Assert.Empty(nothing.ExportWeights());
    }

    internal static ITrainingSession Create(StateDict weights, TrainingSessionOptions options, Network? network = null)
        => Backends.Torch.CreateTrainingSession(network ?? Classifier, weights, options);
}
