namespace SimNet.Index;

/// <summary>Rows of which the nearest to the query is where a walk starts, their codes side by side so that looking at all of them is quick.</summary>
/// <param name="rows">The rows' numbers.</param>
/// <param name="codes">Their codes, one after the other.</param>
/// <param name="count">How many there are.</param>
internal readonly unsafe struct EntryPoints(int* rows, sbyte* codes, int count)
{
    public int* Rows { get; } = rows;

    public sbyte* Codes { get; } = codes;

    public int Count { get; } = count;

    /// <summary>How many a graph of this many rows has at least: their square root, so that looking at all of them is a small part of a search.</summary>
    public static int CountFor(int rows) => Math.Min(rows, (int)Math.Ceiling(Math.Sqrt(rows)));

    /// <summary>Copies the codes of these rows.</summary>
    public static EntryPoints Copy(ReadOnlySpan<int> rows, ScalarQuantizedCodes codes, IndexMemory memory)
    {
        int* stored = memory.Allocate<int>(rows.Length);
        sbyte* storedCodes = memory.Allocate<sbyte>((long)rows.Length * codes.Stride);
        rows.CopyTo(new Span<int>(stored, rows.Length));
        for (int i = 0; i < rows.Length; i++)
        {
            new ReadOnlySpan<sbyte>(codes.Code(rows[i]), codes.Stride).CopyTo(new Span<sbyte>(storedCodes + ((long)i * codes.Stride), codes.Stride));
        }

        return new EntryPoints(stored, storedCodes, rows.Length);
    }

    /// <summary>The first so many of them.</summary>
    public EntryPoints First(int count) => new(Rows, Codes, count);
}
