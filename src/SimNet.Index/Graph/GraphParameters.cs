using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>A graph's options as they lie in a file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly struct GraphParameters(NeighborGraphOptions options)
{
    private readonly int _maxLinks = options.MaxLinks;
    private readonly int _buildEffort = options.BuildEffort;
    private readonly double _diversity = options.Diversity;
    private readonly long _seed = options.Seed;

    public NeighborGraphOptions ToOptions() => new() { MaxLinks = _maxLinks, BuildEffort = _buildEffort, Diversity = _diversity, Seed = _seed };
}
