using System.Collections.Immutable;
using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;

namespace SimNet.Models;

/// <summary>The state of one call of <see cref="Trainer.TrainAsync"/>.</summary>
internal sealed partial class TrainingRun
{
    private const long ShuffleStream = 1;
    private const string DivergenceAdvice = "Try a smaller learning rate or a warm-up, and check the data.";
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);

    private readonly ITrainingBackend _backend;
    private readonly ILogger _logger;
    private readonly Network _network;
    private readonly ITrainingData _training;
    private readonly TrainerOptions _options;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly BatchReader _reader;
    private readonly BatchReader? _validationReader;
    private readonly int[] _validationOrder;
    private readonly float[] _output;
    private readonly Stopwatch _clock = new();
    private TimeSpan _lastReport;
    private TimeSpan _stepsElapsed;
    private int _firstEpoch;
    private WeightAverage? _average;

    public TrainingRun(
        ITrainingBackend backend,
        ILogger logger,
        Network network,
        ITrainingData training,
        ITrainingData? validation,
        TrainerOptions options,
        IProgress<TrainingProgress>? progress)
    {
        _backend = backend;
        _logger = logger;
        _network = network;
        _training = training;
        _options = options;
        _progress = progress;
        _reader = new BatchReader(training, options.BatchSize, options.Seed);
        _validationReader = validation is null ? null : new BatchReader(validation, options.BatchSize, options.Seed);
        _validationOrder = validation is null ? [] : [.. Enumerable.Range(0, validation.Count)];
        int largest = Math.Max(_reader.LargestBatch, _validationReader?.LargestBatch ?? 0);
        _output = options.Metric is null ? [] : new float[largest * network.OutputShape.Length];
    }

    public async Task<TrainingResult> TrainAsync(CancellationToken cancellationToken)
    {
        StateDict initial = _options.InitialWeights ?? WeightInitialization.Create(_network, _options.Seed, _options.Initializer);
        ImmutableSortedDictionary<string, string> settings = _options.CheckpointPath is null
            ? ImmutableSortedDictionary<string, string>.Empty
            : CheckpointSettings.Describe(_network, _training, _options, _backend.Name, initial);
        Checkpoint? checkpoint = _options.Resume && File.Exists(_options.CheckpointPath)
            ? Resume(Checkpoint.Load(_options.CheckpointPath!, _options.CheckpointLimits, cancellationToken), settings)
            : null;
        var history = (checkpoint?.History ?? []).ToBuilder();
        _firstEpoch = history.Count;
        using ITrainingSession session = _backend.CreateTrainingSession(
            _network,
            initial,
            new TrainingSessionOptions
            {
                Loss = _options.Loss,
                Optimizer = _options.Optimizer,
                Seed = _options.Seed,
                FrozenLayers = _options.FrozenLayers,
                KeepZeros = _options.KeepZeros,
                MaxGradientNorm = _options.MaxGradientNorm,
            });
        checkpoint?.RestoreTo(session, _options.CheckpointPath!);
        _average = _options.AverageDecay > 0 ? new WeightAverage(checkpoint?.Average ?? initial, _options.AverageDecay) : null;
        StateDict? best = checkpoint?.Best;

        LogStart(_network.Name, _backend.Name, _training.Count, _firstEpoch, _options.Epochs);
        _clock.Start();
        for (int epoch = _firstEpoch; epoch < _options.Epochs && !BestEpoch.IsPast(history, _options.Criterion, _options.Patience); epoch++)
        {
            EpochRecord record = await TrainEpochAsync(session, epoch, cancellationToken).ConfigureAwait(false);
            StateDict weights = session.ExportWeights();
            RequireFinite(weights, record);
            history.Add(record);
            if (_options.KeepBest && BestEpoch.Find(history, _options.Criterion) == record.Epoch)
            {
                best = _average?.Export() ?? weights;
            }

            bool stops = BestEpoch.IsPast(history, _options.Criterion, _options.Patience);
            LogEpoch(
                record.Epoch,
                record.TrainingLoss,
                _options.MetricName,
                record.TrainingMetric,
                record.ValidationLoss,
                record.ValidationMetric,
                record.LearningRate,
                record.Elapsed);
            if (_options.CheckpointPath is not null
                && (record.Epoch % _options.CheckpointEveryEpochs == 0 || record.Epoch == _options.Epochs || stops))
            {
                new Checkpoint(weights, session.ExportOptimizerState(), _average?.Export(), best, history.ToImmutable(), settings)
                    .Save(_options.CheckpointPath);
                LogCheckpoint(_options.CheckpointPath, record.Epoch);
            }

            Report(record.Epoch, _training.Count, record.TrainingLoss, record.LearningRate, record);
            if (stops)
            {
                LogStop(record.Epoch, _options.Criterion, BestEpoch.Find(history, _options.Criterion));
            }
        }

        // If the criterion is NaN in every epoch, there is no best epoch, and the last one is used.
        return _options.KeepBest && best is not null
            ? new TrainingResult(best, history.ToImmutable(), _firstEpoch, BestEpoch.Find(history, _options.Criterion))
            : new TrainingResult(_average?.Export() ?? session.ExportWeights(), history.ToImmutable(), _firstEpoch, history.Count);
    }

    private async Task<EpochRecord> TrainEpochAsync(ITrainingSession session, int epoch, CancellationToken cancellationToken)
    {
        TimeSpan started = _clock.Elapsed;
        int[] order = [.. Enumerable.Range(0, _training.Count)];
        // The order depends only on the seed and the epoch, so that a resumed run can reproduce it.
        new SeededRandom(ShuffleStream, _options.Seed, epoch).Shuffle<int>(order);
        double lossSum = 0, metricSum = 0;
        float rate = 0;
        int step = 0, done = 0;
        await foreach (TrainingBatch batch in _reader.ReadAsync(order, epoch).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rate = RateAt(epoch, step);
            Memory<float> output = Output(batch);
            float loss = session.TrainStep(batch.Inputs, batch.Targets, batch.Count, rate, output, cancellationToken);
            if (!float.IsFinite(loss))
            {
                throw new InvalidOperationException(
                    $"The loss is {loss} in step {step + 1} of epoch {epoch + 1}, at learning rate {rate}: training diverged. "
                    + DivergenceAdvice);
            }

            lossSum += (double)loss * batch.Count;
            metricSum += EvaluateMetric(output, batch);
            done += batch.Count;
            step++;
            _average?.Add(session.ExportWeights(), (long)epoch * _reader.BatchCount + step);
            if (done < _training.Count && _clock.Elapsed - _lastReport >= ReportInterval)
            {
                _stepsElapsed = _clock.Elapsed - started;
                Report(epoch + 1, done, lossSum / done, rate, completed: null);
            }
        }

        _stepsElapsed = _clock.Elapsed - started;

        (double? validationLoss, double? validationMetric) = await ValidateAsync(session, cancellationToken).ConfigureAwait(false);
        return new EpochRecord(
            epoch + 1,
            lossSum / _training.Count,
            _options.Metric is null ? null : metricSum / _training.Count,
            validationLoss,
            validationMetric,
            rate,
            _clock.Elapsed - started);
    }

    private async Task<(double? Loss, double? Metric)> ValidateAsync(ITrainingSession session, CancellationToken cancellationToken)
    {
        if (_validationReader is null)
        {
            return (null, null);
        }

        // During validation, the session holds the averaged weights.
        StateDict? own = _average is null ? null : session.ExportWeights();
        StateDict? state = _average is null ? null : session.ExportOptimizerState();
        if (_average is not null)
        {
            session.Restore(_average.Export(), state!);
        }

        double lossSum = 0, metricSum = 0;
        await foreach (TrainingBatch batch in _validationReader.ReadAsync(_validationOrder, epoch: 0).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Memory<float> output = Output(batch);
            lossSum += (double)session.Evaluate(batch.Inputs, batch.Targets, batch.Count, output, cancellationToken) * batch.Count;
            metricSum += EvaluateMetric(output, batch);
        }

        if (own is not null)
        {
            session.Restore(own, state!);
        }

        return (lossSum / _validationOrder.Length, _options.Metric is null ? null : metricSum / _validationOrder.Length);
    }

    /// <summary>Checks that a checkpoint belongs to this run.</summary>
    /// <exception cref="InvalidOperationException">It belongs to another run; the message says what differs.</exception>
    private Checkpoint Resume(Checkpoint checkpoint, ImmutableSortedDictionary<string, string> settings)
    {
        List<string> differences = [.. settings.Keys.Union(checkpoint.Settings.Keys)
            .Where(key => key != CheckpointSettings.Backend)
            .Where(key => checkpoint.Settings.GetValueOrDefault(key) != settings.GetValueOrDefault(key))
            .Select(key =>
                $"{key} is '{checkpoint.Settings.GetValueOrDefault(key)}' in the checkpoint "
                + $"and '{settings.GetValueOrDefault(key)}' in this run")];
        foreach (EpochRecord record in checkpoint.History)
        {
            // Comparing rates instead of schedules allows more epochs if that does not change the completed ones.
            float rate = record.Epoch <= _options.Epochs ? RateAt(record.Epoch - 1, _reader.BatchCount - 1) : record.LearningRate;
            if (rate != record.LearningRate)
            {
                differences.Add(
                    $"epoch {record.Epoch} ended at learning rate {record.LearningRate} in the checkpoint "
                    + $"and would end at {rate} in this run");
                break;
            }
        }

        if (checkpoint.History.Length > _options.Epochs)
        {
            differences.Add($"the checkpoint has {checkpoint.History.Length} epochs and this run {_options.Epochs}");
        }

        if (differences.Count > 0)
        {
            throw new InvalidOperationException(
                $"Checkpoint '{_options.CheckpointPath}' belongs to another run: {string.Join("; ", differences)}. "
                + "Resume with the options of that run, or start a new run.");
        }

        if (checkpoint.Settings.GetValueOrDefault(CheckpointSettings.Backend) is { } other && other != _backend.Name)
        {
            LogOtherBackend(_options.CheckpointPath!, other, _backend.Name);
        }

        checkpoint.RequireWeightsOf(_network, _options.CheckpointPath!);
        bool hasBest = _options.KeepBest && BestEpoch.Find(checkpoint.History, _options.Criterion) > 0;
        if (checkpoint.Average is not null != _options.AverageDecay > 0 || checkpoint.Best is not null != hasBest)
        {
            throw new ModelFormatException(
                "averaged or best weights are missing, or are present but not used by the run", _options.CheckpointPath);
        }

        return checkpoint;
    }

    /// <summary>
    /// Checks that the weights are finite, so that they can replace the last checkpoint. They may not be even if the loss, which is
    /// computed before the step, is finite.
    /// </summary>
    private static void RequireFinite(StateDict weights, EpochRecord record)
    {
        string? broken = weights.FirstOrDefault(pair => !TensorPrimitives.IsFiniteAll(pair.Value.Values.Span)).Key;
        if (broken is not null || !double.IsFinite(record.ValidationLoss ?? 0))
        {
            string problem = broken is null ? $"the validation loss is {record.ValidationLoss}" : $"'{broken}' contains infinity or NaN";
            throw new InvalidOperationException(
                $"After epoch {record.Epoch}, at learning rate {record.LearningRate}, {problem}: training diverged. {DivergenceAdvice}");
        }
    }

    private float RateAt(int epoch, int step) =>
        _options.Schedule.At(_options.LearningRate, epoch + (step + 0.5) / _reader.BatchCount, _options.Epochs);

    private Memory<float> Output(TrainingBatch batch) =>
        _options.Metric is null ? default : _output.AsMemory(0, batch.Count * _network.OutputShape.Length);

    private double EvaluateMetric(Memory<float> output, TrainingBatch batch) =>
        _options.Metric is null ? 0 : _options.Metric(output.Span, batch.Targets.Span) * batch.Count;

    private void Report(int epoch, int samplesDone, double loss, float rate, EpochRecord? completed)
    {
        _lastReport = _clock.Elapsed;
        if (_progress is null)
        {
            return;
        }

        long doneHere = (long)(epoch - 1 - _firstEpoch) * _training.Count + samplesDone;
        long left = (long)(_options.Epochs - epoch + 1) * _training.Count - samplesDone;
        _progress.Report(new TrainingProgress(
            epoch,
            _options.Epochs,
            samplesDone,
            _training.Count,
            loss,
            rate,
            samplesDone / Math.Max(_stepsElapsed.TotalSeconds, 1e-9),
            TimeSpan.FromSeconds(Math.Min(_clock.Elapsed.TotalSeconds * left / doneHere, TimeSpan.MaxValue.TotalSeconds / 2)),
            completed));
    }

    [LoggerMessage(1, LogLevel.Information, "Training {Network} on {Backend}: {Samples} samples, {Done} of {Epochs} epochs completed")]
    private partial void LogStart(string network, string backend, int samples, int done, int epochs);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Epoch {Epoch}: loss {Loss}, {MetricName} {Metric}; validation loss {ValidationLoss}, {MetricName} {ValidationMetric}; "
            + "learning rate {LearningRate}, {Elapsed}")]
    private partial void LogEpoch(
        int epoch,
        double loss,
        string metricName,
        double? metric,
        double? validationLoss,
        double? validationMetric,
        float learningRate,
        TimeSpan elapsed);

    [LoggerMessage(4, LogLevel.Information, "Stopping early after epoch {Epoch}: epoch {Best} remains the best by {Criterion}")]
    private partial void LogStop(int epoch, BestEpochCriterion criterion, int best);

    [LoggerMessage(
        5, LogLevel.Information, "Checkpoint {Path} was written by {Other}; resuming on {Backend}, which rounds differently")]
    private partial void LogOtherBackend(string path, string other, string backend);

    [LoggerMessage(3, LogLevel.Debug, "Checkpoint {Path} holds epoch {Epoch}")]
    private partial void LogCheckpoint(string path, int epoch);
}
