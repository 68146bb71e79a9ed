namespace SimNet.Index;

/// <summary>Who is linked to whom, as flat arrays, the same in memory and in the file.</summary>
internal sealed unsafe class GraphLinks
{
    /// <summary>Stands where a row has fewer links than there is room for.</summary>
    public const int None = -1;

    public required NeighborGraphOptions Options { get; init; }

    public required int Count { get; init; }

    /// <summary>For each row <see cref="NeighborGraphOptions.MaxLinks"/> row numbers, those missing at the end <see cref="None"/>.</summary>
    public required int* Links { get; init; }

    /// <summary>Rows of which the nearest to the query is where a search starts.</summary>
    public required int* Entries { get; init; }

    public required int EntryCount { get; init; }

    /// <summary>How many entries a graph of this many rows has at least: their square root, so that looking at all of them is a small part of a search.</summary>
    public static int EntriesFor(int count) => Math.Min(count, (int)Math.Ceiling(Math.Sqrt(count)));
}
