using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The options of a graph as stored in a file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly struct GraphParameters(NeighborGraphOptions options)
{
    private readonly int _maxDegree = options.MaxDegree;
    private readonly int _buildEffort = options.BuildEffort;
    private readonly double _alpha = options.Alpha;
    private readonly long _seed = options.Seed;

    public NeighborGraphOptions ToOptions() => new() { MaxDegree = _maxDegree, BuildEffort = _buildEffort, Alpha = _alpha, Seed = _seed };
}
