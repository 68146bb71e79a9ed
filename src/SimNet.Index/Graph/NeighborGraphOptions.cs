namespace SimNet.Index;

/// <summary>How to build a <see cref="NeighborGraph"/>. The defaults suit tens of thousands to millions of vectors.</summary>
public sealed record NeighborGraphOptions
{
    /// <summary>To how many others a row is linked at most, 4 to 128: more find more for the same effort, and take more memory and time to build. 32 by default.</summary>
    public int MaxDegree { get; init; } = 32;

    /// <summary>
    /// Among how many rows found for it a row's links are chosen, <see cref="MaxDegree"/> to 10,000: more make a better graph and take longer to build.
    /// 100 by default.
    /// </summary>
    public int BuildEffort { get; init; } = 100;

    /// <summary>
    /// A row is not linked to another of which a row that it is linked to is nearer by this factor, 1 to 10: larger values keep more and longer links.
    /// 1.2 by default.
    /// </summary>
    public double Alpha { get; init; } = 1.2;

    /// <summary>Names the random choices: the same seed and vectors give the same graph, bit by bit, on any number of threads. 0 by default.</summary>
    public long Seed { get; init; }

    /// <summary>How many threads may build at once; 0 (the default) is one for each processor.</summary>
    public int MaxThreads { get; init; }
}
