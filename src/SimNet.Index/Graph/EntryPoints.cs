namespace SimNet.Index;

/// <summary>
/// The entry points of a graph. A search starts at the one nearest to the query. Their points are contiguous, so that the comparison is
/// fast.
/// </summary>
/// <param name="rows">The IDs of the rows.</param>
/// <param name="points">Their points, one after another.</param>
/// <param name="count">The number of entry points.</param>
internal readonly unsafe struct EntryPoints(int* rows, byte* points, int count)
{
    public int* Rows { get; } = rows;

    public byte* Points { get; } = points;

    public int Count { get; } = count;

    /// <summary>
    /// The minimum number of entry points of a graph: the square root of the number of rows, so that the comparison is a small part of a
    /// search.
    /// </summary>
    public static int CountFor(int rows) => Math.Min(rows, (int)Math.Ceiling(Math.Sqrt(rows)));

    /// <summary>Copies the points of these rows.</summary>
    public static EntryPoints Copy<TPoints>(ReadOnlySpan<int> rows, TPoints points, IndexMemory memory)
        where TPoints : struct, IGraphPoints<TPoints>
    {
        int* stored = memory.Allocate<int>(rows.Length);
        byte* storedPoints = memory.Allocate<byte>((long)rows.Length * points.Bytes);
        rows.CopyTo(new Span<int>(stored, rows.Length));
        for (int i = 0; i < rows.Length; i++)
        {
            Buffer.MemoryCopy(points.Point(rows[i]), storedPoints + ((long)i * points.Bytes), points.Bytes, points.Bytes);
        }

        return new EntryPoints(stored, storedPoints, rows.Length);
    }

    /// <summary>The first entry points.</summary>
    public EntryPoints First(int count) => new(Rows, Points, count);
}
