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
