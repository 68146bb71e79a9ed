namespace SimNet.Models;

/// <summary>A batch. Its buffers are reused two batches later.</summary>
internal readonly record struct TrainingBatch(ReadOnlyMemory<float> Inputs, ReadOnlyMemory<float> Targets, int Count);
