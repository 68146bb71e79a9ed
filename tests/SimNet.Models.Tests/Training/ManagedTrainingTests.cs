namespace SimNet.Models.Tests;

public class ManagedTrainingTests
{
    private static readonly Network Autoencoder = DenoisingAutoencoder.Create(16);

    private static readonly TrainerOptions Options = new() { Epochs = 4, BatchSize = 16, Seed = 7, LearningRate = 3e-3f };

    [Fact]
    public async Task The_autoencoder_learns_to_denoise()
    {
        ShapeImages training = new(96), validation = new(48);
        TrainingResult result = await Train(training, validation, Options with { Epochs = 15, BatchSize = 8 });

        // Less than half the loss of a network that ignores its input, on unseen noise.
        Assert.InRange(result.History[^1].ValidationLoss!.Value, 0, validation.VarianceOfPixels() / 2);
        Assert.InRange(result.History[^1].TrainingLoss, 0, result.History[0].TrainingLoss / 4);
    }

    [Fact]
    public async Task One_and_two_threads_give_the_same_bits()
    {
        TrainingResult one = await Train(new ShapeImages(37), null, Options, threads: 1);
        TrainingResult two = await Train(new ShapeImages(37), null, Options, threads: 2);

        Assert.Null(StateDictComparison.FirstDifference(one.Weights, two.Weights));
        Assert.Equal(one.History.Select(r => r.TrainingLoss), two.History.Select(r => r.TrainingLoss));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_canceled_and_resumed_run_equals_an_uninterrupted_one(bool momentum)
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = Options with
        {
            Optimizer = momentum ? new Sgd { WeightDecay = 1e-4f } : new Adam(),
            Schedule = new CosineSchedule { WarmUpEpochs = 1 },
        };
        TrainingResult whole = await Train(new ShapeImages(37), null, options);
        using var cancellation = new CancellationTokenSource();
        TrainerOptions kept = options with { CheckpointPath = folder["run"], Resume = true };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Train(
            new ShapeImages(37),
            null,
            kept,
            progress: new ProgressList(r => { if (r.CompletedEpoch?.Epoch == 2) { cancellation.Cancel(); } }),
            cancellationToken: cancellation.Token));
        TrainingResult resumed = await Train(new ShapeImages(37), null, kept);

        Assert.Equal(2, resumed.ResumedFromEpoch);
        Assert.Null(StateDictComparison.FirstDifference(whole.Weights, resumed.Weights));
    }

    [Fact]
    public async Task A_trained_model_infers_the_same_bits_after_saving_and_loading()
    {
        using var folder = new TemporaryFolder();
        TrainingResult result = await Train(new ShapeImages(32), null, Options with { Epochs = 1 });
        var model = new Model(Autoencoder, result.Weights, DenoisingAutoencoder.EmbeddingLayer);
        model.Save(folder["model"]);

        Assert.Equal(Embed(model), Embed(Model.Load(folder["model"])));

        static float[] Embed(Model model)
        {
            float[] inputs = new float[4 * 256], targets = new float[4 * 256], embeddings = new float[4 * model.EmbeddingShape.Length];
            new ShapeImages(4).Read([0, 1, 2, 3], 0, 0, inputs, targets);
            using IInferenceSession session = new ManagedBackend().CreateInferenceSession(
                model.Network, model.Weights, [model.EmbeddingLayer]);
            session.Run(inputs, 4, [embeddings]);
            Assert.Equal(embeddings.Length, embeddings.Count(float.IsFinite));
            Assert.NotEqual(embeddings[..128], embeddings[128..256]);
            return embeddings;
        }
    }

    private static Task<TrainingResult> Train(
        ITrainingData training,
        ITrainingData? validation,
        TrainerOptions options,
        int threads = 0,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new Trainer(new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads })).TrainAsync(
            Autoencoder, training, validation, options, progress, cancellationToken);
}
