namespace SimNet.Index;

/// <summary>
/// The entry points of a graph. A search starts at the one nearest to the query. Their codes are contiguous, so that the comparison is
/// fast.
/// </summary>
/// <param name="rows">The IDs of the rows.</param>
/// <param name="codes">Their codes, one after another.</param>
/// <param name="count">The number of entry points.</param>
internal readonly unsafe struct EntryPoints(int* rows, sbyte* codes, int count)
{
    public int* Rows { get; } = rows;

    public sbyte* Codes { get; } = codes;

    public int Count { get; } = count;

    /// <summary>
    /// The minimum number of entry points of a graph: the square root of the number of rows, so that the comparison is a small part of a
    /// search.
    /// </summary>
    public static int CountFor(int rows) => Math.Min(rows, (int)Math.Ceiling(Math.Sqrt(rows)));

    /// <summary>Copies the codes of these rows.</summary>
    public static EntryPoints Copy(ReadOnlySpan<int> rows, ScalarQuantizedCodes codes, IndexMemory memory)
    {
        int* stored = memory.Allocate<int>(rows.Length);
        sbyte* storedCodes = memory.Allocate<sbyte>((long)rows.Length * codes.Stride);
        rows.CopyTo(new Span<int>(stored, rows.Length));
        for (int i = 0; i < rows.Length; i++)
        {
            new ReadOnlySpan<sbyte>(codes.Code(rows[i]), codes.Stride)
                .CopyTo(new Span<sbyte>(storedCodes + ((long)i * codes.Stride), codes.Stride));
        }

        return new EntryPoints(stored, storedCodes, rows.Length);
    }

    /// <summary>The first entry points.</summary>
    public EntryPoints First(int count) => new(Rows, Codes, count);
}
