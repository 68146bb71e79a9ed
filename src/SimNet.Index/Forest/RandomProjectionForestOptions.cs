namespace SimNet.Index;

/// <summary>How to grow a <see cref="RandomProjectionForest"/>. The defaults suit tens of thousands of vectors of some hundred numbers.</summary>
public sealed record RandomProjectionForestOptions
{
    internal const int DefaultTrees = 10;
    internal const int DefaultLeafSize = 64;
    internal const int DefaultTargetNeighbors = 10;

    /// <summary>
    /// How many trees, at least 1: more find more for the same effort, and take that much more memory and time to grow. null (the default) is 10, or
    /// what <see cref="TargetRecall"/> makes of it.
    /// </summary>
    public int? Trees { get; init; }

    /// <summary>
    /// How many rows a leaf holds at most, at least 1: larger leaves make smaller and coarser trees. null (the default) is 64, or what
    /// <see cref="TargetRecall"/> makes of it.
    /// </summary>
    public int? LeafSize { get; init; }

    /// <summary>Names the random choices: the same seed and vectors give the same forest, bit by bit, on any number of threads. 0 by default.</summary>
    public long Seed { get; init; }

    /// <summary>How many threads may grow trees at once; 0 (the default) is one for each processor.</summary>
    public int MaxThreads { get; init; }

    /// <summary>
    /// The share of the true neighbours, above 0 and at most 1, that a search is to find by default. The build then measures, against exact
    /// answers, how many trees, how large leaves and which effort find as much with the least work, and says so in
    /// <see cref="RandomProjectionForest.Tuning"/>; what <see cref="Trees"/> or <see cref="LeafSize"/> says stays. null (the default) measures nothing.
    /// </summary>
    public double? TargetRecall { get; init; }

    /// <summary>For how many neighbours <see cref="TargetRecall"/> holds, at least 1; 10 by default.</summary>
    public int TargetNeighbors { get; init; } = DefaultTargetNeighbors;
}
