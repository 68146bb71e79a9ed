namespace SimNet.Models;

/// <summary>Reads an epoch's batches in order, each on another thread while the one before it is in use.</summary>
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

        // One sample more than a batch: a single last sample joins the batch before it.
        long most = Math.Min((long)batchSize + 1, data.Count);
        if (most * Math.Max(data.InputShape.Length, data.TargetShape.Length) > Array.MaxLength)
        {
            throw new ArgumentException($"A batch of {batchSize} samples of {data.InputShape} is too large for one array; expected a smaller batch size.", nameof(batchSize));
        }

        LargestBatch = (int)most;
        _inputs = [new float[most * data.InputShape.Length], new float[most * data.InputShape.Length]];
        _targets = [new float[most * data.TargetShape.Length], new float[most * data.TargetShape.Length]];
    }

    /// <summary>The most samples that a batch can have.</summary>
    public int LargestBatch { get; }

    /// <summary>Number of batches of an epoch.</summary>
    public int BatchCount => Math.Max(1, _data.Count / _batchSize + (_data.Count % _batchSize > (_batchSize > 1 ? 1 : 0) ? 1 : 0));

    /// <summary>The batches of one epoch, in the order of <paramref name="order"/>.</summary>
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
            // Whoever stops early must not leave a thread behind that still reads the caller's data.
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
