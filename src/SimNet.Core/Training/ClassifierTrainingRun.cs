using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;
using SimNet.Compute;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>The stages of one call of <see cref="ClassifierTraining.TrainAsync"/>, each a run of the trainer on the weights that the one before left.</summary>
internal sealed class ClassifierTrainingRun(
    ImmutableArray<string> classes,
    LabeledSample[] training,
    LabeledSample[] validation,
    int[] classCounts,
    ClassifierTrainingOptions options,
    IProgress<TrainingProgress>? progress,
    ILogger<Trainer>? logger)
{
    private readonly int _totalEpochs = options.Stages.Sum(stage => stage.Epochs);

    public async Task<(Network Network, StateDict Weights, ImmutableArray<EpochRecord> History, int Epoch)> TrainAsync(CancellationToken cancellationToken)
    {
        ITrainingBackend backend = options.Backend ?? new ManagedBackend();
        var trainer = new Trainer(backend, logger);
        Network network = CreateNetwork(options, classes.Length, options.Stages[0]);
        StateDict weights = WeightInitialization.Create(network, options.Seed, options.Initializer);
        if (options.InitialWeights is { } given)
        {
            weights = WeightTransfer.Fit(network, given, weights);
            weights = NormFitting.Fit(network, given, weights, CreateData(training, options.Stages[0], forTraining: false), options.Seed, backend, cancellationToken);
        }

        if (options.PruningShares is not null)
        {
            weights = MagnitudePruning.Prune(network, weights, options.PruningShares);
        }

        if (!options.Resume)
        {
            // What another run left of its later stages must not meet this run when it is resumed; the first stage's is replaced.
            foreach (string checkpoint in options.CheckpointPaths.Skip(1))
            {
                File.Delete(checkpoint);
            }
        }

        var history = ImmutableArray.CreateBuilder<EpochRecord>(_totalEpochs);
        int epoch = 0;
        for (int i = 0; i < options.Stages.Length; i++)
        {
            TrainingStage stage = options.Stages[i];
            int epochsBefore = history.Count;
            network = CreateNetwork(options, classes.Length, stage);
            TrainingResult result = await trainer.TrainAsync(
                network,
                CreateData(training, stage, forTraining: true),
                validation.Length == 0 ? null : CreateData(validation, stage, forTraining: false),
                CreateOptions(i, epochsBefore, weights),
                progress is null ? null : new ForwardedProgress<TrainingProgress>(report => progress.Report(OverAllStages(report, i, epochsBefore))),
                cancellationToken).ConfigureAwait(false);
            weights = result.Weights;
            epoch = epochsBefore + result.Epoch;
            history.AddRange(result.History.Select(record => record with { Epoch = epochsBefore + record.Epoch }));
        }

        return (network, weights, history.ToImmutable(), epoch);
    }

    private TrainerOptions CreateOptions(int stage, int epochsBefore, StateDict weights) => new()
    {
        Epochs = options.Stages[stage].Epochs,
        BatchSize = options.BatchSize,
        LearningRate = options.LearningRate,
        Schedule = new PartOfSchedule(options.Schedule, epochsBefore, _totalEpochs),
        Optimizer = options.Optimizer,
        Loss = new CrossEntropy { LabelSmoothing = options.LabelSmoothing, ClassWeights = options.BalanceClasses ? Balance() : [] },

        // Another order and other changes in each stage: its epochs are numbered from 0 again.
        Seed = stage == 0 ? options.Seed : (int)new SeededRandom(options.Seed, stage).NextUInt64(),
        InitialWeights = weights,
        FrozenLayers = options.FrozenLayers,
        KeepZeros = options.KeepZeros || options.PruningShares is not null,
        MaxGradientNorm = options.MaxGradientNorm,
        AverageDecay = options.AverageDecay,

        // The stages before only lead up to the last.
        KeepBest = options.KeepBest && validation.Length > 0 && stage == options.Stages.Length - 1,
        Patience = validation.Length > 0 && stage == options.Stages.Length - 1 ? options.Patience : 0,
        Metric = Accuracy,
        MetricName = "accuracy",
        CheckpointPath = options.CheckpointPath is null ? null : options.CheckpointPaths[stage],
        Resume = options.Resume,
    };

    private static Network CreateNetwork(ClassifierTrainingOptions options, int classes, TrainingStage stage)
    {
        Network network = options.Architecture(classes, stage.Size);
        return network.OutputShape == new Shape(classes, 1, 1) ? network
            : throw new ArgumentException($"Network '{network.Name}' gives {network.OutputShape} for {classes} classes; expected {new Shape(classes, 1, 1)}.", nameof(options));
    }

    private LabeledImageData CreateData(LabeledSample[] samples, TrainingStage stage, bool forTraining) => new(
        samples,
        classes.Length,
        options.Preprocessing with { Width = stage.Size, Height = stage.Size },
        new LabeledImageDataOptions
        {
            Augmentation = forTraining ? options.Augmentation : Augmentation.None,
            Mixup = forTraining ? options.Mixup : 0,
            CutMix = forTraining ? options.CutMix : 0,
            Decoder = options.Decoder,
            DecoderOptions = options.DecoderOptions,
        });

    /// <summary>Each class' weight is inverse to its number of samples; over the samples they average to 1.</summary>
    private ImmutableArray<float> Balance() => [.. classCounts.Select(count => (float)training.Length / (classes.Length * count))];

    private double Accuracy(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        int right = 0;
        for (int at = 0; at < output.Length; at += classes.Length)
        {
            right += TensorPrimitives.IndexOfMax(output.Slice(at, classes.Length)) == TensorPrimitives.IndexOfMax(target.Slice(at, classes.Length)) ? 1 : 0;
        }

        return (double)right * classes.Length / output.Length;
    }

    /// <summary>The stage's report with epochs counted over all stages; the later stages' time is guessed from this one's pace by their images' areas.</summary>
    private TrainingProgress OverAllStages(TrainingProgress report, int stage, int epochsBefore)
    {
        TimeSpan ofEpoch = TimeSpan.FromSeconds(report.SampleCount / Math.Max(report.SamplesPerSecond, 1e-3));
        double size = options.Stages[stage].Size;
        TimeSpan later = options.Stages.Skip(stage + 1).Aggregate(TimeSpan.Zero, (sum, next) => sum + (ofEpoch * (next.Epochs * next.Size * next.Size / (size * size))));
        return report with
        {
            Epoch = epochsBefore + report.Epoch,
            Epochs = _totalEpochs,
            EstimatedTimeLeft = report.EstimatedTimeLeft + later,
            CompletedEpoch = report.CompletedEpoch is { } record ? record with { Epoch = epochsBefore + record.Epoch } : null,
        };
    }

    /// <summary>A stretch of a longer schedule.</summary>
    private sealed record PartOfSchedule(LearningRateSchedule Whole, int EpochsBefore, int WholeEpochs) : LearningRateSchedule
    {
        public override float At(float initialRate, double epochsDone, int totalEpochs) => Whole.At(initialRate, EpochsBefore + epochsDone, WholeEpochs);
    }
}
