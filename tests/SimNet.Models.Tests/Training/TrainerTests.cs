using System.Diagnostics;

namespace SimNet.Models.Tests;

public class TrainerTests
{
    private static readonly Network Point = PointwiseBackend.NetworkOf();

    private static readonly TrainerOptions Options = new()
    {
        Epochs = 3,
        BatchSize = 4,
        Seed = 11,
        LearningRate = 0.05f,
        Optimizer = new Sgd { Momentum = 0 },
    };

    [Fact]
    public async Task Full_batch_descent_follows_the_closed_form()
    {
        // The inputs have mean 0, so slope and offset are independent: a step multiplies their errors by 1 - 2 rate E[x²] and 1 - 2 rate.
        const int Count = 21, Epochs = 30;
        const double Rate = 0.1;
        ArrayData data = ArrayData.Line(Count);
        double square = Enumerable.Range(0, Count).Average(i => Math.Pow(2.0 * i / (Count - 1) - 1, 2));
        StateDict initial = Weights(0.5f, 0.25f);

        TrainingResult result = await new Trainer(new PointwiseBackend()).TrainAsync(
            Point, data, null, Options with { Epochs = Epochs, BatchSize = Count, LearningRate = (float)Rate, InitialWeights = initial });

        Assert.Equal(3 + (0.5 - 3) * Math.Pow(1 - 2 * Rate * square, Epochs), result.Weights.Values("point.weight")[0], 1e-5);
        Assert.Equal(-1 + (0.25 + 1) * Math.Pow(1 - 2 * Rate, Epochs), result.Weights.Values("point.bias")[0], 1e-5);
        Assert.Equal(2.5 * 2.5 * square + 1.25 * 1.25, result.History[0].TrainingLoss, 1e-5);
        Assert.Equal(0, result.ResumedFromEpoch);
        Assert.Equal(Enumerable.Range(1, Epochs), result.History.Select(r => r.Epoch));
        Assert.Equal([0.5f], initial.Values("point.weight"));
    }

    [Theory]
    [InlineData(10, 4, "4 4 2")]
    [InlineData(9, 4, "4 5")]
    [InlineData(8, 4, "4 4")]
    [InlineData(3, 4, "3")]
    [InlineData(1, 4, "1")]
    [InlineData(3, 1, "1 1 1")]
    [InlineData(4, 3, "4")]
    public async Task Every_sample_is_read_once_per_epoch_in_batches_of_the_given_size(int count, int batchSize, string sizes)
    {
        var backend = new PointwiseBackend();
        ArrayData data = ArrayData.Line(count);
        await new Trainer(backend).TrainAsync(Point, data, null, Options with { Epochs = 2, BatchSize = batchSize });

        int batches = backend.Steps.Count / 2;
        Assert.Equal(sizes, string.Join(' ', backend.Steps.Take(batches).Select(s => s.Count)));
        float[] first = [.. backend.Steps.Take(batches).SelectMany(s => s.FirstInputs)];
        float[] second = [.. backend.Steps.Skip(batches).SelectMany(s => s.FirstInputs)];
        float[] all = [.. Enumerable.Range(0, count).Select(i => count == 1 ? 0 : 2f * i / (count - 1) - 1)];
        Assert.Equal(all, first.Order());
        Assert.Equal(all, second.Order());
        if (count >= 8)
        {
            Assert.NotEqual(first, second);
            Assert.NotEqual(all, first);
        }
    }

    [Fact]
    public async Task Steps_use_the_learning_rate_of_their_middle()
    {
        var backend = new PointwiseBackend();
        var schedule = new CosineSchedule { WarmUpEpochs = 1 };
        TrainingResult result = await new Trainer(backend).TrainAsync(Point, ArrayData.Line(8), null, Options with { Schedule = schedule });

        Assert.Equal(Enumerable.Range(0, 6).Select(step => schedule.At(0.05f, (step + 0.5) / 2, 3)), backend.Steps.Select(s => s.Rate));
        Assert.Equal([backend.Steps[1].Rate, backend.Steps[3].Rate, backend.Steps[5].Rate], result.History.Select(r => r.LearningRate));
    }

    [Fact]
    public async Task Losses_and_metrics_are_means_over_samples_not_over_batches()
    {
        // A tiny rate leaves the weights at 0, so the outputs are 0 and the loss of a sample is its squared target.
        ArrayData data = ArrayData.Line(10);
        TrainerOptions options = Options with
        {
            Epochs = 1,
            LearningRate = 1e-30f,
            InitialWeights = Weights(0, 0),
            Metric = (output, target) => Mean(target) + Mean(output),
        };
        TrainingResult result = await new Trainer(new PointwiseBackend()).TrainAsync(Point, data, ArrayData.Line(6), options);

        Assert.Equal(Enumerable.Range(0, 10).Average(i => Math.Pow(3 * (2.0 * i / 9 - 1) - 1, 2)), result.History[0].TrainingLoss, 1e-5);
        Assert.Equal(-1, result.History[0].TrainingMetric!.Value, 1e-5);
        Assert.Equal(
            Enumerable.Range(0, 6).Average(i => Math.Pow(3 * (2.0 * i / 5 - 1) - 1, 2)), result.History[0].ValidationLoss!.Value, 1e-5);
        Assert.Equal(-1, result.History[0].ValidationMetric!.Value, 1e-5);

        static double Mean(ReadOnlySpan<float> values)
        {
            double sum = 0;
            foreach (float value in values)
            {
                sum += value;
            }

            return sum / values.Length;
        }
    }

    [Fact]
    public async Task Validation_uses_the_same_samples_after_each_epoch()
    {
        ArrayData validation = ArrayData.Line(6, noise: 0.3f);
        TrainingResult result = await new Trainer(new PointwiseBackend()).TrainAsync(
            Point, ArrayData.Line(10), validation, Options with { Epochs = 4 });

        float weight = result.Weights.Values("point.weight")[0], bias = result.Weights.Values("point.bias")[0];
        float[] inputs = new float[6], targets = new float[6];
        validation.Read([0, 1, 2, 3, 4, 5], 11, 0, inputs, targets);
        Assert.Equal(
            inputs.Zip(targets, (x, y) => Math.Pow(weight * x + bias - y, 2)).Average(), result.History[^1].ValidationLoss!.Value, 1e-5);
        Assert.All(validation.Reads, read => Assert.Equal((11, 0), (read.Seed, read.Epoch)));
        Assert.Equal(Enumerable.Range(0, 6), validation.Reads.Take(2).SelectMany(r => r.Samples));
    }

    [Fact]
    public async Task Without_validation_and_metric_their_results_are_null()
    {
        TrainingResult result = await new Trainer(new PointwiseBackend()).TrainAsync(Point, ArrayData.Line(10), null, Options);

        Assert.All(result.History, r => Assert.Equal((null, null, null), (r.TrainingMetric, r.ValidationLoss, r.ValidationMetric)));
    }

    [Fact]
    public async Task Training_data_is_read_with_the_seed_and_the_epoch()
    {
        ArrayData data = ArrayData.Line(10);
        await new Trainer(new PointwiseBackend()).TrainAsync(Point, data, null, Options);

        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], data.Reads.Select(r => r.Epoch));
        Assert.All(data.Reads, r => Assert.Equal(11, r.Seed));
    }

    [Fact]
    public async Task Validation_progress_metric_and_slow_reads_do_not_affect_weights()
    {
        StateDict plain = (await Run(ArrayData.Line(30, noise: 0.5f), null, Options, null)).Weights;
        ArrayData slow = new(
            [.. Enumerable.Range(0, 30).Select(i => 2f * i / 29 - 1)],
            [.. Enumerable.Range(0, 30).Select(i => 3 * (2f * i / 29 - 1) - 1)],
            new Shape(1, 1, 1),
            new Shape(1, 1, 1))
        {
            Noise = 0.5f,
            OnRead = read => Thread.Sleep(read % 3 * 5),
        };
        StateDict busy = (await Run(slow, ArrayData.Line(7), Options with { Metric = (_, _) => 1 }, new ProgressList())).Weights;
        StateDict otherSeed = (await Run(ArrayData.Line(30, noise: 0.5f), null, Options with { Seed = 12 }, null)).Weights;

        Assert.Null(StateDictComparison.FirstDifference(plain, busy));
        Assert.NotNull(StateDictComparison.FirstDifference(plain, otherSeed));

        static Task<TrainingResult> Run(
            ITrainingData data, ITrainingData? validation, TrainerOptions options, IProgress<TrainingProgress>? progress) =>
            new Trainer(new PointwiseBackend()).TrainAsync(Point, data, validation, options, progress);
    }

    [Fact]
    public async Task The_next_batch_is_read_during_a_step()
    {
        using var secondRead = new ManualResetEventSlim();
        var data = new ArrayData(new float[8], new float[8], new Shape(1, 1, 1), new Shape(1, 1, 1))
        {
            OnRead = read => { if (read == 2) { secondRead.Set(); } },
        };
        bool seen = false;
        var backend = new PointwiseBackend { OnStep = step => { if (step == 0) { seen = secondRead.Wait(TimeSpan.FromMinutes(5)); } } };
        await new Trainer(backend).TrainAsync(Point, data, null, Options with { Epochs = 1 });

        Assert.True(seen);
    }

    [Fact]
    public async Task Cancellation_stops_before_the_next_step_and_leaves_nothing_running()
    {
        using var cancellation = new CancellationTokenSource();
        ArrayData data = new(new float[40], new float[40], new Shape(1, 1, 1), new Shape(1, 1, 1)) { OnRead = _ => Thread.Sleep(20) };
        var backend = new PointwiseBackend();
        backend.OnStep = step => { if (step == 4) { cancellation.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new Trainer(backend).TrainAsync(Point, data, null, Options, null, cancellation.Token));
        Assert.Equal(5, backend.Steps.Count);
        Assert.Equal(0, backend.OpenSessions);
        Assert.False(data.Reading);
    }

    [Fact]
    public async Task Cancellation_stops_validation()
    {
        using var cancellation = new CancellationTokenSource();
        var validation = new ArrayData(new float[40], new float[40], new Shape(1, 1, 1), new Shape(1, 1, 1))
        {
            OnRead = read => { if (read == 3) { cancellation.Cancel(); } },
        };
        var backend = new PointwiseBackend();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new Trainer(backend).TrainAsync(Point, ArrayData.Line(4), validation, Options, null, cancellation.Token));
        Assert.InRange(backend.Evaluations.Count, 1, 3);
    }

    [Fact]
    public async Task A_run_canceled_before_it_starts_reads_nothing()
    {
        ArrayData data = ArrayData.Line(8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new Trainer(new PointwiseBackend()).TrainAsync(Point, data, null, Options, null, new CancellationToken(canceled: true)));
        Assert.Empty(data.Reads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task An_exception_from_the_data_reaches_the_caller(int read)
    {
        var backend = new PointwiseBackend();
        var data = new ArrayData(
            new float[12], new float[12], new Shape(1, 1, 1), new Shape(1, 1, 1))
        {
            OnRead = r =>
            {
                if (r == read)
                {
                    throw new IOException(
            "image 7");
                }
            }
        };

        var exception = await Assert.ThrowsAsync<IOException>(() => new Trainer(backend).TrainAsync(Point, data, null, Options));
        Assert.Equal("image 7", exception.Message);
        Assert.Equal(0, backend.OpenSessions);
    }

    [Fact]
    public async Task A_diverging_run_throws_naming_the_step()
    {
        using var folder = new TemporaryFolder();
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => new Trainer(new PointwiseBackend())
            .TrainAsync(
                Point, ArrayData.Line(8), null, Options with { Epochs = 1000, LearningRate = 1000, CheckpointPath = folder["run"] }));

        Assert.Contains("epoch", exception.Message, StringComparison.Ordinal);
        Assert.Contains("1000", exception.Message, StringComparison.Ordinal);
        Assert.All(SafetensorsFile.Read(folder["run"]).Tensors.Where(t => t.Key.StartsWith("weights.", StringComparison.Ordinal)),
            t => Assert.All(t.Value.Values.ToArray(), v => Assert.True(float.IsFinite(v))));
    }

    [Fact]
    public async Task Weights_that_are_not_finite_do_not_replace_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var network = new Network("x", new Shape(1, 1, 1), [new Conv2d("c", 1, 1), new Sigmoid("s")]);

        // The sigmoid keeps the loss finite even if the weights are not.
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => new Trainer(new ManagedBackend()).TrainAsync(
            network, new ArrayData([1, 1], [-1000, -1000], new Shape(1, 1, 1), new Shape(1, 1, 1)), null, new TrainerOptions
            {
                Epochs = 1,
                Optimizer = new Sgd(),
                LearningRate = 3e38f,
                CheckpointPath = folder["run"],
            }));

        Assert.Contains("'c.", exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["run"]));
    }

    [Fact]
    public async Task A_nearly_endless_run_reports_its_remaining_time()
    {
        using var source = new CancellationTokenSource();
        var backend = new PointwiseBackend { OnStep = _ => Thread.Sleep(120) };
        var progress = new ProgressList(_ => source.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Trainer(backend).TrainAsync(
            Point, ArrayData.Line(100_000), null, Options with { Epochs = int.MaxValue, BatchSize = 1 }, progress, source.Token));

        Assert.True(progress.Reports[0].EstimatedTimeLeft > TimeSpan.FromDays(365));
    }

    [Fact]
    public async Task Progress_increases_and_ends_each_epoch_with_its_record()
    {
        var progress = new ProgressList();
        var backend = new PointwiseBackend { OnStep = _ => Thread.Sleep(60) };
        var clock = Stopwatch.StartNew();
        TrainingResult result = await new Trainer(backend).TrainAsync(
            Point, ArrayData.Line(24), null, Options with { Epochs = 2 }, progress);

        Assert.Equal(result.History, progress.Reports.Where(r => r.CompletedEpoch is not null).Select(r => r.CompletedEpoch!));
        Assert.True(progress.Reports.Count(r => r.CompletedEpoch is null) >= 2);
        Assert.Equal(
            progress.Reports.Select(r => (r.Epoch - 1) * 24 + r.SamplesDone).Distinct().Order(),
            progress.Reports.Select(r => (r.Epoch - 1) * 24 + r.SamplesDone));
        Assert.All(progress.Reports, r =>
        {
            Assert.Equal((2, 24), (r.Epochs, r.SampleCount));
            Assert.InRange(r.SamplesPerSecond, 4 / clock.Elapsed.TotalSeconds, 4 / 0.055);
            Assert.InRange(r.EstimatedTimeLeft, TimeSpan.Zero, clock.Elapsed * 11);
        });
        TrainingProgress half = progress.Reports.Single(r => r.CompletedEpoch?.Epoch == 1);

        // The estimate equals the duration of the run so far: the epoch and the time between its end and the report.
        Assert.InRange(half.EstimatedTimeLeft, half.CompletedEpoch!.Elapsed, clock.Elapsed);
        Assert.Equal(TimeSpan.Zero, progress.Reports[^1].EstimatedTimeLeft);
    }

    [Fact]
    public void Invalid_options_and_data_throw_before_training_starts()
    {
        var trainer = new Trainer(new PointwiseBackend());
        ArrayData data = ArrayData.Line(8), none = ArrayData.Line(0);
        var wide = new ArrayData(new float[8], new float[8], new Shape(2, 1, 1), new Shape(2, 1, 1));

        Throws(data, null, Options with { Epochs = 0 }, "Epochs is 0");
        Throws(data, null, Options with { BatchSize = 0 }, "BatchSize is 0");
        Throws(data, null, Options with { CheckpointEveryEpochs = 0 }, "CheckpointEveryEpochs is 0");
        Throws(data, null, Options with { LearningRate = 0 }, "LearningRate is 0");
        Throws(data, null, Options with { LearningRate = float.NaN }, "LearningRate is NaN");
        Throws(data, null, Options with { Resume = true }, "CheckpointPath");
        Throws(data, null, Options with { InitialWeights = new StateDict([]) }, "'point.weight'");
        Throws(wide, null, Options, "1x1x2");
        Throws(none, null, Options, "0 samples");
        Throws(data, wide, Options, "1x1x2");

        void Throws(ITrainingData training, ITrainingData? validation, TrainerOptions options, string named)
        {
            var exception = Assert.ThrowsAny<ArgumentException>(() => { _ = trainer.TrainAsync(Point, training, validation, options); });
            Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        }
    }

    private static StateDict Weights(float weight, float bias) => new(
        [new("point.weight", new WeightTensor([1, 1, 1, 1], new[] { weight })), new("point.bias", new WeightTensor([1], new[] { bias }))]);
}
