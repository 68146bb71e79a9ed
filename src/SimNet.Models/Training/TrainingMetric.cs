namespace SimNet.Models;

/// <summary>Computes a metric of a batch as a mean over its samples. The trainer averages over batches, weighted by their sizes.</summary>
/// <param name="output">The outputs of the network, NCHW.</param>
/// <param name="target">The targets, NCHW.</param>
/// <returns>The metric, averaged over the batch.</returns>
public delegate double TrainingMetric(ReadOnlySpan<float> output, ReadOnlySpan<float> target);
