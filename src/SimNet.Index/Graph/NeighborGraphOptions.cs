namespace SimNet.Index;

/// <summary>Options for <see cref="NeighborGraph.Build"/>. The defaults suit tens of thousands to millions of vectors.</summary>
public sealed record NeighborGraphOptions
{
    /// <summary>
    /// The maximum number of links of a row, known as <c>R</c> (DiskANN) or <c>M</c> (HNSW); 4 to 128; 32 by default. More links give a
    /// higher recall for the same effort, and take more memory and build time.
    /// </summary>
    public int MaxDegree { get; init; } = 32;

    /// <summary>
    /// The number of candidates from which the links of a row are selected, known as <c>efConstruction</c> (HNSW) or <c>L</c> (DiskANN);
    /// <see cref="MaxDegree"/> to 10,000; 100 by default. More candidates give a better graph and take more build time.
    /// </summary>
    public int BuildEffort { get; init; } = 100;

    /// <summary>
    /// The pruning factor <c>α</c> of RobustPrune (DiskANN); 1 to 10; 1.2 by default. A candidate is not linked if a linked row is nearer
    /// to it by this factor than the row itself. A larger value keeps more and longer links.
    /// </summary>
    public double Alpha { get; init; } = 1.2;

    /// <summary>
    /// The share of true neighbors that a search with the default effort is to find; above 0, at most 1; 0.95 by default. The build
    /// measures it against exact answers, for rows of the graph and for rows that the search treats as not in it, and raises the default
    /// effort from 64 (128 if vectors are compared instead of codes) until both reach it; if a scan of all rows is less work, searches are
    /// exact. <see cref="NeighborGraph.EstimatedRecall"/> reports the outcome. <see langword="null"/> disables the measurement.
    /// </summary>
    public double? TargetRecall { get; init; } = 0.95;

    /// <summary>The number of neighbors for which <see cref="TargetRecall"/> holds; at least 1; 10 by default.</summary>
    public int TargetNeighbors { get; init; } = 10;

    /// <summary>
    /// The seed of all random choices: the same seed and vectors give the same graph, bit for bit, on any number of threads. 0 by default.
    /// </summary>
    public long Seed { get; init; }

    /// <summary>The maximum number of threads that build the graph; 0 (the default) means one per processor. At least 0.</summary>
    public int MaxThreads { get; init; }
}
