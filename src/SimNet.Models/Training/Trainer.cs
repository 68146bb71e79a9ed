using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SimNet.Models;

/// <summary>
/// Trains networks on any <see cref="ITrainingBackend"/>, in epochs of shuffled batches with validation, checkpoints, and resumption.
/// Thread-safe and stateless.
/// </summary>
/// <remarks>
/// The weights depend only on the network, the data, the options, and the back end, not on the number of threads, interruptions,
/// validation, or progress reports. While a step runs, another thread reads the next batch.
/// </remarks>
public sealed class Trainer
{
    private readonly ITrainingBackend _backend;
    private readonly ILogger<Trainer> _logger;

    /// <summary>Initializes a trainer.</summary>
    /// <param name="backend">The back end to train on.</param>
    /// <param name="logger">Logs starts, epochs, and checkpoints; null for no logging.</param>
    public Trainer(ITrainingBackend backend, ILogger<Trainer>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backend = backend;
        _logger = logger ?? NullLogger<Trainer>.Instance;
    }

    /// <summary>Trains a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="training">The training data; inputs and targets have the input and output shapes of the network.</param>
    /// <param name="validation">
    /// The data to validate on after each epoch, always read with the seed of the run and epoch 0; null for no validation.
    /// </param>
    /// <param name="options">The training options.</param>
    /// <param name="progress">
    /// Receives progress at most ten times a second during an epoch, and at the end of each epoch after its checkpoint; null for none. The
    /// training thread calls it and waits for it.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the run during a step, as soon as the back end can stop, or after reading a batch. Checkpoints already written remain.
    /// </param>
    /// <returns>The weights after the last or the best epoch, and the history.</returns>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or the data or the initial weights do not fit the network.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The checkpoint belongs to another run (the message says what differs), or the loss or a weight is no longer finite.
    /// </exception>
    /// <exception cref="ModelFormatException">The checkpoint is damaged.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The caller lacks permission to read or write the checkpoint.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled; there is no partial result.</exception>
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
            WeightValidation.Validate(network, options.InitialWeights, nameof(options));
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
            throw new ArgumentException(
                $"{nameof(options.LearningRate)} is {options.LearningRate}; expected a finite number above 0.", nameof(options));
        }

        if (!(options.AverageDecay is >= 0 and < 1))
        {
            throw new ArgumentException(
                $"{nameof(options.AverageDecay)} is {options.AverageDecay}; expected a number in [0, 1).", nameof(options));
        }

        if (options.Patience < 0)
        {
            throw new ArgumentException($"{nameof(options.Patience)} is {options.Patience}; expected at least 0.", nameof(options));
        }

        if (!Enum.IsDefined(options.Criterion))
        {
            throw new ArgumentException(
                $"{nameof(options.Criterion)} is {options.Criterion}; "
                + $"expected one of {string.Join(", ", Enum.GetNames<BestEpochCriterion>())}.",
                nameof(options));
        }

        bool comparesEpochs = options.KeepBest || options.Patience > 0;
        if (comparesEpochs && (!validates || (options.Criterion != BestEpochCriterion.LowestValidationLoss && options.Metric is null)))
        {
            string option = options.KeepBest ? nameof(options.KeepBest) : nameof(options.Patience);
            string required = validates ? $"a {nameof(options.Metric)}" : "validation data";
            throw new ArgumentException($"{option} with {options.Criterion} requires {required}, but there is none.", nameof(options));
        }

        if (options.Resume && options.CheckpointPath is null)
        {
            throw new ArgumentException(
                $"{nameof(options.Resume)} requires a {nameof(options.CheckpointPath)}, but there is none.", nameof(options));
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
                $"The data has {data.Count} samples with inputs {data.InputShape} and targets {data.TargetShape}; network '{network.Name}' "
                + $"expects at least one sample, with inputs {network.InputShape} and targets {network.OutputShape}.",
                argument);
        }
    }
}
