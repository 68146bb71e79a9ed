namespace SimNet.Models;

/// <summary>Reads the batches of an epoch in order, prefetching the next batch on another thread while the current one is in use.</summary>
internal sealed class BatchReader
{
    private readonly ITrainingData _data;
    private readonly int _batchSize;
    private readonly int _seed;
    private readonly float[][] _inputs;
    private readonly float[][] _targets;

    public BatchReader(ITrainingData data, int batchSize, int seed)
    {
        _data = data;
        _batchSize = batchSize;
        _seed = seed;

        // One more than the batch size, because a single remaining sample joins the batch before it.
        long most = Math.Min((long)batchSize + 1, data.Count);
        if (most * Math.Max(data.InputShape.Length, data.TargetShape.Length) > Array.MaxLength)
        {
            throw new ArgumentException(
                $"A batch of {batchSize} samples of {data.InputShape} does not fit into an array; expected a smaller batch size.",
                nameof(batchSize));
        }

        LargestBatch = (int)most;
        _inputs = [new float[most * data.InputShape.Length], new float[most * data.InputShape.Length]];
        _targets = [new float[most * data.TargetShape.Length], new float[most * data.TargetShape.Length]];
    }

    /// <summary>The largest number of samples in a batch.</summary>
    public int LargestBatch { get; }

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchCount => Math.Max(1, _data.Count / _batchSize + (_data.Count % _batchSize > (_batchSize > 1 ? 1 : 0) ? 1 : 0));

    /// <summary>Reads the batches of an epoch, with the samples in the given order.</summary>
    public async IAsyncEnumerable<TrainingBatch> ReadAsync(int[] order, int epoch)
    {
        int count = BatchCount;
        Task<TrainingBatch> next = Task.Run(() => Read(0));
        try
        {
            for (int i = 0; i < count; i++)
            {
                TrainingBatch batch = await next.ConfigureAwait(false);
                if (i + 1 < count)
                {
                    int following = i + 1;
                    next = Task.Run(() => Read(following));
                }

                yield return batch;
            }
        }
        finally
        {
            // If the caller stops early, no thread may be left reading its data.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        TrainingBatch Read(int batch)
        {
            int first = batch * _batchSize;
            int samples = (batch == count - 1 ? order.Length : first + _batchSize) - first;
            Memory<float> inputs = _inputs[batch % 2].AsMemory(0, samples * _data.InputShape.Length);
            Memory<float> targets = _targets[batch % 2].AsMemory(0, samples * _data.TargetShape.Length);
            _data.Read(order.AsSpan(first, samples), _seed, epoch, inputs.Span, targets.Span);
            return new TrainingBatch(inputs, targets, samples);
        }
    }
}
