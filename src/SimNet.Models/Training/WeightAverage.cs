namespace SimNet.Models;

/// <summary>
/// The exponential moving average of weights and batch norm statistics (after Polyak and Juditsky, 1992). After step t, counted from 1:
/// <code>
/// d = min(decay, (1 + t) / (10 + t))
/// average = average + (1 - d) (weights - average)
/// </code>
/// </summary>
internal sealed class WeightAverage
{
    private readonly List<(string Name, WeightTensor Shape, float[] Values)> _tensors;
    private readonly float _decay;

    public WeightAverage(StateDict start, float decay)
    {
        _tensors = [.. start.Select(t => (t.Key, t.Value, t.Value.Values.ToArray()))];
        _decay = decay;
    }

    public void Add(StateDict weights, long step)
    {
        float take = (float)(1 - Math.Min((double)_decay, (1.0 + step) / (10.0 + step)));
        foreach ((string name, _, float[] values) in _tensors)
        {
            ReadOnlySpan<float> latest = weights[name].Values.Span;
            for (int i = 0; i < values.Length; i++)
            {
                // Separate statements prevent a fused multiply-add, which would round differently on some processors.
                float difference = latest[i] - values[i];
                float moved = take * difference;
                values[i] += moved;
            }
        }
    }

    /// <summary>Copies the current average.</summary>
    public StateDict Export() => new(
        _tensors.Select(t => KeyValuePair.Create(t.Name, new WeightTensor(t.Shape.Dimensions, t.Values.ToArray()))));
}
