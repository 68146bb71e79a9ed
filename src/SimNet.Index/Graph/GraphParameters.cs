using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The options of a graph, and the kind of its points, as stored in a file: 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 40)]
internal readonly struct GraphParameters(NeighborGraphOptions options, bool isQuantized)
{
    private readonly int _maxDegree = options.MaxDegree;
    private readonly int _buildEffort = options.BuildEffort;
    private readonly double _alpha = options.Alpha;
    private readonly long _seed = options.Seed;

    // 0 for none.
    private readonly double _targetRecall = options.TargetRecall ?? 0;
    private readonly int _targetNeighbors = options.TargetNeighbors;
    private readonly int _isQuantized = isQuantized ? 1 : 0;

    /// <summary>1 if the points are codes, 0 if they are rows.</summary>
    public int IsQuantized => _isQuantized;

    public NeighborGraphOptions ToOptions() => new()
    {
        MaxDegree = _maxDegree,
        BuildEffort = _buildEffort,
        Alpha = _alpha,
        TargetRecall = _targetRecall == 0 ? null : _targetRecall,
        TargetNeighbors = _targetNeighbors,
        Seed = _seed,
    };
}
