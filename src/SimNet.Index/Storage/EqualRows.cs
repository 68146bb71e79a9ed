namespace SimNet.Index;

/// <summary>
/// Finds the rows that equal others. A row that serves as a query says nothing about new queries while its duplicates are in the index.
/// </summary>
internal static unsafe class EqualRows
{
    private const int RowsPerTask = 1024;

    /// <summary>For each of some rows, all rows that equal it, itself included, in ascending order.</summary>
    public static int[][] Of(VectorRows rows, int[] wanted, ParallelOptions parallel)
    {
        long bytes = (long)rows.Stride * sizeof(float);
        ILookup<uint, int> places = Enumerable.Range(0, wanted.Length)
            .ToLookup(place => IndexFileHeader.Checksum((byte*)rows.Row(wanted[place]), bytes));
        List<int>[] equal = [.. wanted.Select(_ => new List<int>())];
        Parallel.For(0, (rows.Count + RowsPerTask - 1) / RowsPerTask, parallel, task =>
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            for (int row = task * RowsPerTask; row < Math.Min(rows.Count, (task + 1) * RowsPerTask); row++)
            {
                foreach (int place in places[IndexFileHeader.Checksum((byte*)rows.Row(row), bytes)])
                {
                    if (Row(rows, row).SequenceEqual(Row(rows, wanted[place])))
                    {
                        lock (equal[place])
                        {
                            equal[place].Add(row);
                        }
                    }
                }
            }
        });
        return [.. equal.Select(found => found.Order().ToArray())];
    }

    private static ReadOnlySpan<float> Row(VectorRows rows, int row) => new(rows.Row(row), rows.Stride);
}
