namespace SimNet.Index;

/// <summary>Who is linked to whom, as flat arrays, the same in memory and in the file.</summary>
internal sealed unsafe class GraphLinks
{
    /// <summary>Stands where a row has fewer links than there is room for.</summary>
    public const int None = -1;

    public required NeighborGraphOptions Options { get; init; }

    public required int Count { get; init; }

    /// <summary>For each row <see cref="NeighborGraphOptions.MaxDegree"/> row numbers, those missing at the end <see cref="None"/>.</summary>
    public required int* Links { get; init; }

    public required EntryPoints Entries { get; init; }
}
