namespace SimNet.Models;

/// <summary>Judges a batch's outputs, as a mean over its samples: the trainer averages over batches with their sizes as weights.</summary>
/// <param name="output">The network's outputs for the batch, NCHW.</param>
/// <param name="target">What they should be, NCHW.</param>
public delegate double TrainingMetric(ReadOnlySpan<float> output, ReadOnlySpan<float> target);
