namespace SimNet.Index;

/// <summary>All of an <see cref="UpdatableIndex"/> at one moment. Immutable: a change makes another one.</summary>
/// <param name="Shared">The index as it was built last.</param>
/// <param name="Ids">The number (id) of each row of that index, ascending; null where they are the rows' own.</param>
/// <param name="Removed">Rows of that index that are gone.</param>
/// <param name="Added">What came since.</param>
internal sealed record UpdatableState(ReferenceCountedIndex Shared, int[]? Ids, RemovedRows Removed, AddedRows Added)
{
    public IBuiltIndex Built => Shared.Index;

    public int Count => Built.Count - Removed.Count + Added.LiveCount;

    /// <summary>Rows that a search could do without, or would rather find in the built index.</summary>
    public int ChangeCount => Removed.Count + Added.Count;

    public int IdOf(int row) => Ids is null ? row : Ids[row];

    /// <summary>The row of the built index, from one on, that an id belongs to, removed or not; negative if none does.</summary>
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

        // Ids rise by one at least: this one is no farther away in rows than in ids.
        return Array.BinarySearch(Ids, from, Math.Min(Ids.Length - from, id - Ids[from] + 1), id);
    }

    /// <summary>Finds what has an id and was not removed.</summary>
    /// <param name="id">Any number.</param>
    /// <param name="isAdded">Whether <paramref name="row"/> is one of <see cref="Added"/> rather than of the built index.</param>
    /// <param name="row">The row.</param>
    public bool TryFind(int id, out bool isAdded, out int row)
    {
        isAdded = id >= Added.FirstId;
        row = isAdded ? id - Added.FirstId : RowOf(id);
        return isAdded
            ? row < Added.Count && !Added.Removed.Contains(row)
            : row >= 0 && !Removed.Contains(row);
    }

    /// <summary>Without something that was found.</summary>
    public UpdatableState Without(bool isAdded, int row) =>
        isAdded ? this with { Added = Added.Without(row) } : this with { Removed = Removed.With(row) };

    /// <summary>Copies what was not removed, by id, which are the order and the bits that a first build would have stored.</summary>
    /// <param name="memory">Where to.</param>
    /// <param name="ids">The id of each row copied.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
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
            // A file opened without a look at its contents may hold anything; a build relies on what it is given.
            if (!(VectorRows.SumOfSquares(vector) <= VectorRows.MaxNorm * VectorRows.MaxNorm))
            {
                throw new InvalidDataException($"The vector of id {id} has a number that is not finite or too large: the file that it was read from is damaged.");
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

    /// <summary>This state, which came of an earlier one, on an index that was built of what the earlier one had.</summary>
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

    /// <summary>Null if ascending ids are nothing but the rows' numbers.</summary>
    public static int[]? NullIfIdentity(int[] ids) => ids.Length == 0 || ids[^1] == ids.Length - 1 ? null : ids;
}
