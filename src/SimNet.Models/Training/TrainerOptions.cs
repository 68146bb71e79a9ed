using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>How a <see cref="Trainer"/> trains.</summary>
public sealed record TrainerOptions
{
    /// <summary>Times that every sample is seen; 100 by default, as AutoSimNet. At least 1.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>
    /// Samples per step; 128 by default. At least 1. The last batch has what remains; where that is a single sample it joins the
    /// batch before it, since batch norm over one sample has no variance to go by.
    /// </summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Names the run: starting weights, the order of the samples, and what the data draw from it (noise, augmentation). 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>The learning rate that the schedule starts from; 0.001 by default. Above 0.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>How the learning rate changes; not at all by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The optimizer; <see cref="Adam"/> with its usual settings by default.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>The loss; mean squared error by default.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>What to judge outputs by besides the loss; null, the default, for nothing.</summary>
    public TrainingMetric? Metric { get; init; }

    /// <summary>What the log calls the metric; <c>metric</c> by default.</summary>
    public string MetricName { get; init; } = "metric";

    /// <summary>Weights to begin with; null, the default, to draw them from the seed.</summary>
    public StateDict? InitialWeights { get; init; }

    /// <summary>How weights are drawn; Glorot's uniform distribution by default. Without effect where <see cref="InitialWeights"/> are given.</summary>
    public WeightInitializer Initializer { get; init; } = WeightInitializer.GlorotUniform;

    /// <summary>
    /// Layers that keep their weights, for fine-tuning: each name freezes the layer that is called so and all whose names begin with it
    /// and a dot (<c>features.3</c> the whole fire module). A frozen batch norm normalises by its running statistics and does not move
    /// them. Nothing is computed on the way back below the first layer that learns. None by default.
    /// </summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>Whether convolutions' weights that are exactly 0 when the run begins stay exactly 0: for fine-tuning pruned networks. False by default.</summary>
    public bool KeepZeros { get; init; }

    /// <summary>
    /// The most that the gradient of all parameters together may measure (Euclidean norm, before weight decay); a longer one is scaled
    /// down to it, as PyTorch's <c>clip_grad_norm_</c> does. 0, the default, for no bound.
    /// </summary>
    public float MaxGradientNorm { get; init; }

    /// <summary>
    /// How slowly an average of the weights and of batch norm's statistics follows them, such as 0.999; in [0, 1). After step t it keeps
    /// min(decay, (1 + t) / (10 + t)) of itself, so that it is soon rid of the first weights. Validation and the result are then of
    /// the averaged weights. 0, the default, for no average.
    /// </summary>
    public float AverageDecay { get; init; }

    /// <summary>Whether the result has the weights of the best epoch instead of the last one's; needs validation data. False by default.</summary>
    public bool KeepBest { get; init; }

    /// <summary>Epochs without a new best one after which the run ends early; needs validation data. 0, the default, for never.</summary>
    public int Patience { get; init; }

    /// <summary>What makes an epoch the best, for <see cref="KeepBest"/> and <see cref="Patience"/>; the validation loss by default.</summary>
    public BestEpochCriterion Criterion { get; init; } = BestEpochCriterion.LowestValidationLoss;

    /// <summary>The file that keeps a run's state, replaced at each checkpoint; null, the default, for none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Epochs between checkpoints; 1 by default. At least 1. The last epoch always has one.</summary>
    public int CheckpointEveryEpochs { get; init; } = 1;

    /// <summary>
    /// Whether to go on from the checkpoint where there is one, ending with the very weights of a run that was never interrupted;
    /// false by default. Without a file at <see cref="CheckpointPath"/> the run begins anew, so the same call serves the first
    /// start and every restart.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Limits for reading the checkpoint.</summary>
    public SafetensorsOptions CheckpointLimits { get; init; } = SafetensorsOptions.Default;
}
