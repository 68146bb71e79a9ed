namespace SimNet.Index;

/// <summary>How to grow a <see cref="RandomProjectionForest"/>. The defaults suit tens of thousands of vectors of some hundred numbers.</summary>
public sealed record RandomProjectionForestOptions
{
    /// <summary>How many trees, at least 1: more find more for the same effort, and take that much more memory and time to grow. 10 by default.</summary>
    public int Trees { get; init; } = 10;

    /// <summary>How many rows a leaf holds at most, at least 1: larger leaves make smaller and coarser trees. 100 by default.</summary>
    public int LeafSize { get; init; } = 100;

    /// <summary>Names the random choices: the same seed and vectors give the same forest, bit by bit, on any number of threads. 0 by default.</summary>
    public long Seed { get; init; }

    /// <summary>How many threads may grow trees at once; 0 (the default) is one for each processor.</summary>
    public int MaxThreads { get; init; }
}
