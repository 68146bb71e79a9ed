namespace SimNet.Index;

/// <summary>
/// Measures the recall of a built index for a sample of the vectors added to it, which shows whether new vectors still resemble those that
/// the index is built from.
/// </summary>
/// <param name="index">The built index.</param>
internal sealed class RecallWatch(IBuiltIndex index)
{
    /// <summary>One vector of this many is measured.</summary>
    public const int SampledShare = 16;

    private const int Neighbors = 10;

    /// <summary>The number of latest measurements that count.</summary>
    private const int Capacity = 256;

    /// <summary>Fewer measurements than this prove nothing.</summary>
    private const int MinSamples = 32;

    private readonly Lock _lock = new();
    private readonly int[] _hits = new int[Capacity];
    private int _measured;

    /// <summary>The estimate for the vectors added; null before enough are measured.</summary>
    public RecallEstimate? Estimate
    {
        get
        {
            lock (_lock)
            {
                return _measured < MinSamples ? null : RecallEstimate.Of(
                    _hits.AsSpan(0, Math.Min(_measured, Capacity)), Neighbors, index.EstimatedRecall!.SearchEffort);
            }
        }
    }

    /// <summary>
    /// Whether the recall for the vectors added is below the target of the index, or below what the build measured, beyond chance.
    /// </summary>
    public bool HasDrifted =>
        Estimate is { } estimate && estimate.UpperBound < Math.Min(index.TargetRecall ?? 1, index.EstimatedRecall!.LowerBound);

    /// <summary>Measures with a vector that is added, if it is part of the sample.</summary>
    /// <param name="position">The number of vectors added before.</param>
    /// <param name="vector">The vector.</param>
    public void Measure(int position, ReadOnlySpan<float> vector)
    {
        bool isApproximate = index.EstimatedRecall is { Queries: > 0 };
        if (position % SampledShare != 0 || !isApproximate || index.Count <= Neighbors)
        {
            return;
        }

        Span<Neighbor> found = stackalloc Neighbor[Neighbors], nearest = stackalloc Neighbor[Neighbors];
        int count = index.Search(vector, found);
        index.Store.Search(index, vector, nearest, default);
        int hits = 0;
        foreach (Neighbor neighbor in found[..count])
        {
            hits += neighbor.Distance <= nearest[^1].Distance ? 1 : 0;
        }

        lock (_lock)
        {
            _hits[_measured % Capacity] = hits;
            _measured = _measured == int.MaxValue ? Capacity : _measured + 1;
        }
    }
}
