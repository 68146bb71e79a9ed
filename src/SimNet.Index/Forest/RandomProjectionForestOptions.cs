namespace SimNet.Index;

/// <summary>
/// Options for <see cref="RandomProjectionForest.Build"/>. The defaults suit tens of thousands of vectors with a few hundred dimensions.
/// </summary>
public sealed record RandomProjectionForestOptions
{
    internal const int DefaultTrees = 10;
    internal const int DefaultTargetNeighbors = 10;

    /// <summary>
    /// The number of trees; at least 1. More trees find more for the same effort, and take proportionally more memory and build time.
    /// <see langword="null"/> (the default) means 10, or the choice of <see cref="TargetRecall"/>. Annoy's <c>n_trees</c>.
    /// </summary>
    public int? Trees { get; init; }

    /// <summary>
    /// The maximum number of rows in a leaf; at least 1. Smaller leaves find more for the same effort, and take more memory and build time.
    /// <see langword="null"/> (the default) means a quarter of the number of dimensions, from 16 to 64, or the choice of
    /// <see cref="TargetRecall"/>.
    /// </summary>
    public int? LeafSize { get; init; }

    /// <summary>
    /// The seed of all random choices: the same seed and vectors give the same forest, bit for bit, on any number of threads. 0 by default.
    /// </summary>
    public long Seed { get; init; }

    /// <summary>The maximum number of threads that build trees; 0 (the default) means one per processor. At least 0.</summary>
    public int MaxThreads { get; init; }

    /// <summary>
    /// The share of true neighbors that a search with the default effort is to find; above 0, at most 1. The build then measures, against
    /// exact answers, which number of trees, leaf size and effort reach it with the least work, and reports them in
    /// <see cref="RandomProjectionForest.Tuning"/>. <see cref="Trees"/> and <see cref="LeafSize"/> are kept if they are set.
    /// <see langword="null"/> (the default) disables tuning.
    /// </summary>
    public double? TargetRecall { get; init; }

    /// <summary>The number of neighbors for which <see cref="TargetRecall"/> holds; at least 1; 10 by default.</summary>
    public int TargetNeighbors { get; init; } = DefaultTargetNeighbors;

    /// <summary>The maximum number of rows in a leaf if <see cref="LeafSize"/> is null.</summary>
    internal static int DefaultLeafSize(int dimensions) => Math.Clamp(dimensions / 4, 16, 64);
}
