using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>What training gave.</summary>
/// <param name="Weights">The weights after the last epoch.</param>
/// <param name="History">One record per epoch, those before a resumption among them.</param>
/// <param name="ResumedFromEpoch">How many epochs came from a checkpoint; 0 when the run began anew.</param>
public sealed record TrainingResult(StateDict Weights, ImmutableArray<EpochRecord> History, int ResumedFromEpoch);
