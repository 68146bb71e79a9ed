using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>The result of a training run.</summary>
/// <param name="Weights">The weights after epoch <paramref name="Epoch"/>; their moving average if the run averages weights.</param>
/// <param name="History">One record per epoch, including those before a resumption.</param>
/// <param name="ResumedFromEpoch">The number of epochs restored from a checkpoint; 0 for a new run.</param>
/// <param name="Epoch">
/// The number of the epoch of the weights, from 1: the last epoch or, with <see cref="TrainerOptions.KeepBest"/>, the best one.
/// </param>
public sealed record TrainingResult(StateDict Weights, ImmutableArray<EpochRecord> History, int ResumedFromEpoch, int Epoch);
