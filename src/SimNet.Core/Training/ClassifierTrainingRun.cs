using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;
using SimNet.Compute;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Runs the stages of <see cref="ClassifierTraining.TrainAsync"/>. Each stage starts from the weights of the stage before it.
/// </summary>
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
    private readonly Dictionary<ImageSource, Exception> _unreadable = new(ReferenceEqualityComparer.Instance);

    /// <summary>The images that could not be decoded, once the training is done.</summary>
    public IReadOnlyDictionary<ImageSource, Exception> Unreadable => _unreadable;

    public async Task<(Network Network, StateDict Weights, ImmutableArray<EpochRecord> History, int Epoch)> TrainAsync(
        CancellationToken cancellationToken)
    {
        ITrainingBackend backend = options.Backend ?? new ManagedBackend();
        var trainer = new Trainer(backend, logger);
        Network network = CreateNetwork(options, classes.Length, options.Stages[0]);
        StateDict weights = WeightInitialization.Create(network, options.Seed, options.Initializer);
        if (options.InitialWeights is { } given)
        {
            weights = WeightTransfer.Fit(network, given, weights);
            LabeledImageData data = CreateData(training, options.Stages[0], forTraining: false);
            weights = BatchNormFitting.Fit(network, given, weights, data, options.Seed, backend, cancellationToken);
            NoteUnreadable(data);
        }

        if (options.PruningShares is not null)
        {
            weights = MagnitudePruning.Prune(network, weights, options.PruningShares);
        }

        if (!options.Resume)
        {
            // Checkpoints of later stages of an earlier run must not be resumed from. The checkpoint of the first stage is overwritten.
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
            LabeledImageData trainingData = CreateData(training, stage, forTraining: true);
            LabeledImageData? validationData = validation.Length == 0 ? null : CreateData(validation, stage, forTraining: false);
            TrainingResult result = await trainer.TrainAsync(
                network,
                trainingData,
                validationData,
                CreateOptions(i, epochsBefore, weights),
                progress is null ? null
                    : new ForwardedProgress<TrainingProgress>(report => progress.Report(OverAllStages(report, i, epochsBefore))),
                cancellationToken).ConfigureAwait(false);
            NoteUnreadable(trainingData);
            NoteUnreadable(validationData);
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
        Schedule = new PartialSchedule(options.Schedule, epochsBefore, _totalEpochs),
        Optimizer = options.Optimizer,
        Loss = new CrossEntropy { LabelSmoothing = options.LabelSmoothing, ClassWeights = options.BalanceClasses ? Balance() : [] },

        // Each stage numbers its epochs from 0, so it needs a seed of its own for another order and other augmentation.
        Seed = stage == 0 ? options.Seed : (int)new SeededRandom(options.Seed, stage).NextUInt64(),
        InitialWeights = weights,
        FrozenLayers = options.FrozenLayers,
        KeepZeros = options.KeepZeros || options.PruningShares is not null,
        MaxGradientNorm = options.MaxGradientNorm,
        AverageDecay = options.AverageDecay,

        // Only the last stage determines the model.
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
            : throw new ArgumentException(
                $"Network '{network.Name}' has the output shape {network.OutputShape} for {classes} classes; "
                    + $"expected {new Shape(classes, 1, 1)}.",
                nameof(options));
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

            // The images are not decoded before the training only to check them.
            SkipUnreadable = true,
        });

    private void NoteUnreadable(LabeledImageData? data)
    {
        foreach ((ImageSource image, Exception error) in data?.Unreadable ?? new Dictionary<ImageSource, Exception>())
        {
            _unreadable.TryAdd(image, error);
        }
    }

    /// <summary>Computes class weights that are inversely proportional to the number of samples and average 1 over the samples.</summary>
    private ImmutableArray<float> Balance() => [.. classCounts.Select(count => (float)training.Length / (classes.Length * count))];

    private double Accuracy(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
    {
        int correct = 0;
        for (int at = 0; at < output.Length; at += classes.Length)
        {
            int predicted = TensorPrimitives.IndexOfMax(output.Slice(at, classes.Length));
            correct += predicted == TensorPrimitives.IndexOfMax(target.Slice(at, classes.Length)) ? 1 : 0;
        }

        return (double)correct * classes.Length / output.Length;
    }

    /// <summary>
    /// Converts the progress of a stage to that of all stages. The time of later stages is estimated from the speed of this stage and the
    /// areas of the images.
    /// </summary>
    private TrainingProgress OverAllStages(TrainingProgress report, int stage, int epochsBefore)
    {
        TimeSpan ofEpoch = TimeSpan.FromSeconds(report.SampleCount / Math.Max(report.SamplesPerSecond, 1e-3));
        double size = options.Stages[stage].Size;
        TimeSpan later = options.Stages.Skip(stage + 1).Aggregate(
            TimeSpan.Zero, (sum, next) => sum + (ofEpoch * (next.Epochs * next.Size * next.Size / (size * size))));
        return report with
        {
            Epoch = epochsBefore + report.Epoch,
            Epochs = _totalEpochs,
            EstimatedTimeLeft = report.EstimatedTimeLeft + later,
            CompletedEpoch = report.CompletedEpoch is { } record ? record with { Epoch = epochsBefore + record.Epoch } : null,
        };
    }

    /// <summary>A part of a longer schedule.</summary>
    private sealed record PartialSchedule(LearningRateSchedule Whole, int EpochsBefore, int WholeEpochs) : LearningRateSchedule
    {
        public override float At(float initialRate, double epochsDone, int totalEpochs) =>
            Whole.At(initialRate, EpochsBefore + epochsDone, WholeEpochs);
    }
}
