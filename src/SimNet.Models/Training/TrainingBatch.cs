namespace SimNet.Models;

/// <summary>A batch as read; its buffers are used again two batches later.</summary>
internal readonly record struct TrainingBatch(ReadOnlyMemory<float> Inputs, ReadOnlyMemory<float> Targets, int Count);
