using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Options of a <see cref="Trainer"/> run.</summary>
public sealed record TrainerOptions
{
    /// <summary>The number of epochs; 100 by default, as in AutoSimNet. At least 1.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>
    /// The number of samples per step; 128 by default. At least 1. The last batch holds the remaining samples. A single remaining sample
    /// joins the batch before it, because batch norm needs more than one sample to compute a variance.
    /// </summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// The seed of all random numbers: the initial weights, the order of samples, dropout, and the noise and augmentation of the data. 0
    /// by default.
    /// </summary>
    public int Seed { get; init; }

    /// <summary>The initial learning rate; 0.001 by default. Greater than 0.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>The learning rate schedule; <see cref="ConstantSchedule"/> by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The optimizer; <see cref="Adam"/> with its default settings by default.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>The loss; mean squared error by default.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>A metric to compute in addition to the loss; null, the default, for none.</summary>
    public TrainingMetric? Metric { get; init; }

    /// <summary>The name of the metric in the log; <c>metric</c> by default.</summary>
    public string MetricName { get; init; } = "metric";

    /// <summary>The initial weights; null, the default, to draw them from the seed.</summary>
    public StateDict? InitialWeights { get; init; }

    /// <summary>
    /// The distribution of the initial weights; <see cref="WeightInitializer.GlorotUniform"/> by default. Ignored if
    /// <see cref="InitialWeights"/> is set.
    /// </summary>
    public WeightInitializer Initializer { get; init; } = WeightInitializer.GlorotUniform;

    /// <summary>
    /// The layers whose weights do not change, for fine-tuning; empty by default. A name freezes the layer of that name and all layers
    /// whose names start with it and a dot (<c>features.3</c> freezes a whole fire module). A frozen batch norm normalizes by its running
    /// statistics and does not update them. The backward pass stops at the first layer that is trained.
    /// </summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>
    /// Whether convolution weights that are 0 at the start of the run stay 0, for fine-tuning pruned networks; false by default.
    /// </summary>
    public bool KeepZeros { get; init; }

    /// <summary>
    /// The largest Euclidean norm of the gradient of all parameters, before weight decay; 0, the default, for no limit. A larger gradient
    /// is scaled down, as by PyTorch's <c>clip_grad_norm_</c>.
    /// </summary>
    public float MaxGradientNorm { get; init; }

    /// <summary>
    /// The decay of an exponential moving average of weights and batch norm statistics, such as 0.999; 0, the default, for no average. In
    /// [0, 1). The decay at step t is min(decay, (1 + t) / (10 + t)), so that the initial weights are soon forgotten. Validation and the
    /// result use the average.
    /// </summary>
    public float AverageDecay { get; init; }

    /// <summary>
    /// Whether to return the weights of the best epoch instead of the last one; requires validation data. False by default.
    /// </summary>
    public bool KeepBest { get; init; }

    /// <summary>
    /// The number of epochs without improvement after which to stop early; requires validation data. 0, the default, to never stop early.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>
    /// The criterion for the best epoch, used by <see cref="KeepBest"/> and <see cref="Patience"/>; the lowest validation loss by default.
    /// </summary>
    public BestEpochCriterion Criterion { get; init; } = BestEpochCriterion.LowestValidationLoss;

    /// <summary>The path of the checkpoint file, which each checkpoint replaces; null, the default, for no checkpoints.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>The number of epochs between checkpoints; 1 by default. At least 1. The last epoch always has a checkpoint.</summary>
    public int CheckpointEveryEpochs { get; init; } = 1;

    /// <summary>
    /// Whether to resume from the checkpoint if the file exists; false by default. The result is identical to that of an uninterrupted
    /// run. If there is no file at <see cref="CheckpointPath"/>, a new run starts, so the same call serves the first start and restarts.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Limits for reading the checkpoint.</summary>
    public SafetensorsOptions CheckpointLimits { get; init; } = SafetensorsOptions.Default;
}
