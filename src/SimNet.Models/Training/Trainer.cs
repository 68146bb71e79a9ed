using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SimNet.Models;

/// <summary>
/// Trains networks on any <see cref="ITrainingBackend"/>: epochs of shuffled batches, validation after each, checkpoints, resumption.
/// Thread-safe; holds nothing between runs.
/// </summary>
/// <remarks>
/// A run's weights depend on network, data and options alone (and on the backend): not on the number of threads, not on
/// interruptions, not on validation or progress. While a step is computed the next batch is read on another thread.
/// </remarks>
public sealed class Trainer
{
    private readonly ITrainingBackend _backend;
    private readonly ILogger<Trainer> _logger;

    /// <summary>A trainer that computes on this backend.</summary>
    /// <param name="backend">Runs the networks.</param>
    /// <param name="logger">Told of starts, epochs and checkpoints; nobody when null.</param>
    public Trainer(ITrainingBackend backend, ILogger<Trainer>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backend = backend;
        _logger = logger ?? NullLogger<Trainer>.Instance;
    }

    /// <summary>Trains a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="training">What it learns from; inputs and targets of the network's input and output shapes.</param>
    /// <param name="validation">What it is judged by after each epoch, read with the run's seed and epoch 0 each time; null for nothing.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Told at most ten times a second within an epoch, and at each epoch's end, after its checkpoint; called by the training thread, which waits for it.</param>
    /// <param name="cancellationToken">Stops within the step, as soon as the backend can, and after the reading of one batch; checkpoints already written stay.</param>
    /// <returns>The weights after the last epoch or the best one, and the history.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or data or initial weights do not fit the network.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run (the message says what differs), or the loss is no longer a finite number.</exception>
    /// <exception cref="ModelFormatException">The checkpoint is damaged.</exception>
    /// <exception cref="IOException">The checkpoint could not be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; there is no partial result.</exception>
    public Task<TrainingResult> TrainAsync(
        Network network,
        ITrainingData training,
        ITrainingData? validation,
        TrainerOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(options);
        Check(options, validation is not null);
        Check(network, training, nameof(training));
        FrozenLayers.Find(network, options.FrozenLayers, nameof(options));
        if (validation is not null)
        {
            Check(network, validation, nameof(validation));
        }

        if (options.InitialWeights is not null)
        {
            WeightCheck.Require(network, options.InitialWeights, nameof(options));
        }

        var run = new TrainingRun(_backend, _logger, network, training, validation, options, progress);
        return Task.Run(() => run.TrainAsync(cancellationToken), cancellationToken);
    }

    private static void Check(TrainerOptions options, bool validates)
    {
        AtLeastOne(options.Epochs, nameof(options.Epochs));
        AtLeastOne(options.BatchSize, nameof(options.BatchSize));
        AtLeastOne(options.CheckpointEveryEpochs, nameof(options.CheckpointEveryEpochs));
        if (!(options.LearningRate > 0) || !float.IsFinite(options.LearningRate))
        {
            throw new ArgumentException($"{nameof(options.LearningRate)} is {options.LearningRate}; expected a finite number above 0.", nameof(options));
        }

        if (!(options.AverageDecay is >= 0 and < 1))
        {
            throw new ArgumentException($"{nameof(options.AverageDecay)} is {options.AverageDecay}; expected from 0 to below 1.", nameof(options));
        }

        if (options.Patience < 0)
        {
            throw new ArgumentException($"{nameof(options.Patience)} is {options.Patience}; expected 0 (never) or more.", nameof(options));
        }

        if (!Enum.IsDefined(options.Criterion))
        {
            throw new ArgumentException($"{nameof(options.Criterion)} is {options.Criterion}; expected one of {string.Join(", ", Enum.GetNames<BestEpochCriterion>())}.", nameof(options));
        }

        bool judges = options.KeepBest || options.Patience > 0;
        if (judges && (!validates || (options.Criterion != BestEpochCriterion.LowestValidationLoss && options.Metric is null)))
        {
            throw new ArgumentException(
                $"{(options.KeepBest ? nameof(options.KeepBest) : nameof(options.Patience))} by {options.Criterion} needs {(validates ? $"a {nameof(options.Metric)}" : "validation data")}; there is none.", nameof(options));
        }

        if (options.Resume && options.CheckpointPath is null)
        {
            throw new ArgumentException($"{nameof(options.Resume)} is set without a {nameof(options.CheckpointPath)} to go on from.", nameof(options));
        }

        static void AtLeastOne(int value, string name)
        {
            if (value < 1)
            {
                throw new ArgumentException($"{name} is {value}; expected at least 1.", nameof(options));
            }
        }
    }

    private static void Check(Network network, ITrainingData data, string argument)
    {
        if (data.Count < 1 || data.InputShape != network.InputShape || data.TargetShape != network.OutputShape)
        {
            throw new ArgumentException(
                $"{data.Count} samples of inputs {data.InputShape} and targets {data.TargetShape}; network '{network.Name}' expects at least one, of {network.InputShape} and {network.OutputShape}.",
                argument);
        }
    }
}
