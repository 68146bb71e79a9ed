namespace SimNet.Index;

/// <summary>The state of an <see cref="UpdatableIndex"/> at one moment. Immutable: a change creates a new state.</summary>
/// <param name="Shared">The built index.</param>
/// <param name="Ids">The ID of each row of the built index, ascending; null if IDs equal row positions.</param>
/// <param name="Removed">The removed rows of the built index.</param>
/// <param name="Added">The rows added since the build.</param>
internal sealed record UpdatableState(ReferenceCountedIndex Shared, int[]? Ids, RemovedRows Removed, AddedRows Added)
{
    public IBuiltIndex Built => Shared.Index;

    public int Count => Built.Count - Removed.Count + Added.LiveCount;

    /// <summary>The number of rows that a compaction removes or moves into the built index.</summary>
    public int ChangeCount => Removed.Count + Added.Count;

    public int IdOf(int row) => Ids is null ? row : Ids[row];

    /// <summary>
    /// The row of the built index, at or after <paramref name="from"/>, with an ID, removed or not; negative if there is none.
    /// </summary>
    public int RowOf(int id, int from = 0)
    {
        if (Ids is null)
        {
            return (uint)id < (uint)Built.Count ? id : -1;
        }

        if (from >= Ids.Length || id < Ids[from])
        {
            return -1;
        }

        // IDs are unique and ascending, so the row is at most as far away as the ID.
        return Array.BinarySearch(Ids, from, Math.Min(Ids.Length - from, id - Ids[from] + 1), id);
    }

    /// <summary>Finds the row with an ID, unless it is removed.</summary>
    /// <param name="id">Any number.</param>
    /// <param name="isAdded">Whether <paramref name="row"/> is in <see cref="Added"/> rather than in the built index.</param>
    /// <param name="row">The row.</param>
    public bool TryFind(int id, out bool isAdded, out int row)
    {
        isAdded = id >= Added.FirstId;
        row = isAdded ? id - Added.FirstId : RowOf(id);
        return isAdded
            ? row < Added.Count && !Added.Removed.Contains(row)
            : row >= 0 && !Removed.Contains(row);
    }

    /// <summary>Returns the state without an existing row.</summary>
    public UpdatableState Without(bool isAdded, int row) =>
        isAdded ? this with { Added = Added.Without(row) } : this with { Removed = Removed.With(row) };

    /// <summary>Copies all rows that are not removed, in order of their IDs, in the form that a first build stores.</summary>
    /// <param name="memory">The memory for the rows.</param>
    /// <param name="ids">Receives the ID of each row copied.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    public unsafe VectorRows CopyRemaining(IndexMemory memory, out int[] ids, CancellationToken cancellationToken)
    {
        VectorRows built = Built.Store.Rows;
        ids = new int[Count];
        var rows = new VectorRows(memory.Allocate<float>((long)Count * built.Stride), Count, built.Dimensions, built.Metric, memory);
        int count = 0;
        for (int row = 0; row < built.Count; row++)
        {
            CheckCancellation(row);
            if (!Removed.Contains(row))
            {
                ids[count] = IdOf(row);
                Copy(new ReadOnlySpan<float>(built.Row(row), built.Stride), ids[count], rows.Row(count++));
            }
        }

        for (int row = 0; row < Added.Count; row++)
        {
            CheckCancellation(row);
            if (!Added.Removed.Contains(row))
            {
                ids[count] = Added.FirstId + row;
                Copy(Added.Span(row), ids[count], rows.Row(count++));
            }
        }

        return rows;

        void Copy(ReadOnlySpan<float> vector, int id, float* destination)
        {
            // A file opened without verification may contain anything, but a build requires valid vectors.
            if (!(VectorRows.SumOfSquares(vector) <= VectorRows.MaxNorm * VectorRows.MaxNorm))
            {
                throw new InvalidDataException(
                    $"The vector with ID {id} has a component that is not finite or is too large: its file is damaged.");
            }

            vector.CopyTo(new Span<float>(destination, vector.Length));
        }

        void CheckCancellation(int row)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>
    /// Applies the changes between an earlier state and this one to an index that is rebuilt from the earlier state.
    /// </summary>
    public UpdatableState RebaseOn(ReferenceCountedIndex rebuilt, int[] ids, UpdatableState earlier)
    {
        var state = new UpdatableState(rebuilt, NullIfIdentity(ids), RemovedRows.None, Added.From(earlier.Added.Count));
        foreach (int row in Removed.Since(earlier.Removed))
        {
            state = state.Without(isAdded: false, state.RowOf(IdOf(row)));
        }

        foreach (int row in Added.Removed.Since(earlier.Added.Removed))
        {
            if (row < earlier.Added.Count)
            {
                state = state.Without(isAdded: false, state.RowOf(Added.FirstId + row));
            }
        }

        return state;
    }

    /// <summary>Returns null if ascending IDs equal the row positions.</summary>
    public static int[]? NullIfIdentity(int[] ids) => ids.Length == 0 || ids[^1] == ids.Length - 1 ? null : ids;
}
