namespace SimNet.Index;

/// <summary>The links of a graph as flat arrays, with the same layout in memory and in the file.</summary>
internal sealed unsafe class GraphLinks
{
    /// <summary>Fills the unused links of a row.</summary>
    public const int None = -1;

    public required NeighborGraphOptions Options { get; init; }

    public required int Count { get; init; }

    /// <summary>
    /// For each row, <see cref="NeighborGraphOptions.MaxDegree"/> row IDs; unused ones, at the end, are <see cref="None"/>.
    /// </summary>
    public required int* Links { get; init; }

    /// <summary>Whether the points that searches compare are the codes of the rows; otherwise they are the rows themselves.</summary>
    public required bool IsQuantized { get; init; }

    public required EntryPoints Entries { get; init; }
}
