using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>What training gave.</summary>
/// <param name="Weights">The weights after the epoch that <paramref name="Epoch"/> names; averaged ones where the run averages.</param>
/// <param name="History">One record per epoch, those before a resumption among them.</param>
/// <param name="ResumedFromEpoch">How many epochs came from a checkpoint; 0 when the run began anew.</param>
/// <param name="Epoch">Number of the epoch that the weights are of, from 1: the last or, with <see cref="TrainerOptions.KeepBest"/>, the best.</param>
public sealed record TrainingResult(StateDict Weights, ImmutableArray<EpochRecord> History, int ResumedFromEpoch, int Epoch);
