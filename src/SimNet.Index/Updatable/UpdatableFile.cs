namespace SimNet.Index;

/// <summary>
/// The file of an <see cref="UpdatableIndex"/>: the file of the built index with additional sections. Reading verifies that IDs are unique
/// and that removed rows exist.
/// </summary>
internal static unsafe class UpdatableFile
{
    private static readonly IndexSection[] Sections = [IndexSection.Updates, IndexSection.Ids, IndexSection.Removed, IndexSection.Added];

    public static void Write(string path, UpdatableState state, IVectorIndex owner)
    {
        IBuiltIndex built = state.Built;
        AddedRows added = state.Added;
        using var memory = new IndexMemory();
        float* vectors = memory.Allocate<float>((long)added.Count * built.Store.Rows.Stride);
        for (int row = 0; row < added.Count; row++)
        {
            added.Span(row).CopyTo(new Span<float>(vectors + ((long)row * built.Store.Rows.Stride), built.Store.Rows.Stride));
        }

        int builtWords = RemovedRows.WordCount(built.Count);
        var removed = new ulong[builtWords + RemovedRows.WordCount(added.Count)];
        state.Removed.CopyTo(removed.AsSpan(0, builtWords));
        added.Removed.CopyTo(removed.AsSpan(builtWords));

        var writer = new IndexFileWriter(IndexKind.Updatable, built.Store.Rows);
        writer.AddCopy(IndexSection.Updates, [new UpdatableParameters((int)built.FileKind, added.FirstId, added.Count, 0)]);
        writer.AddCopy<int>(IndexSection.Ids, state.Ids);
        writer.AddCopy<ulong>(IndexSection.Removed, removed);
        writer.Add(IndexSection.Added, vectors, (long)added.Count * built.Store.Rows.Stride);
        built.AddSections(writer);
        built.Store.Write(writer, path, owner);
    }

    /// <summary>
    /// Reads the additional sections and hides them, so that the file is one of the built index's kind. The returned function wraps the
    /// built index.
    /// </summary>
    public static Func<IBuiltIndex, UpdatableIndex> Unwrap(IndexFileReader file)
    {
        UpdatableParameters parameters = *file.Items<UpdatableParameters>(IndexSection.Updates, 1);
        CheckParameters(file, parameters);
        int[]? ids = ReadIds(file, parameters.FirstAddedId);
        int builtWords = RemovedRows.WordCount(file.Count);
        int addedWords = RemovedRows.WordCount(parameters.AddedCount);
        ulong* words = file.Items<ulong>(IndexSection.Removed, (long)builtWords + addedWords);
        RemovedRows removed = ReadRemoved(file, new ReadOnlySpan<ulong>(words, builtWords), file.Count);
        RemovedRows addedRemoved = ReadRemoved(file, new ReadOnlySpan<ulong>(words + builtWords, addedWords), parameters.AddedCount);
        VectorRows added = file.Rows(IndexSection.Added, parameters.AddedCount);
        file.Unwrap((IndexKind)parameters.Kind, Sections);
        return built => new UpdatableIndex(new UpdatableState(
            new ReferenceCountedIndex(built), ids, removed, AddedRows.Of(added, parameters.FirstAddedId, addedRemoved)));
    }

    private static void CheckParameters(IndexFileReader file, UpdatableParameters parameters)
    {
        (int kind, int firstId, int addedCount, int reserved) = parameters;
        if (!Enum.IsDefined((IndexKind)kind) || (IndexKind)kind == IndexKind.Updatable || reserved != 0)
        {
            throw file.Invalid(IndexSection.Updates, $"index kind {kind} followed by {reserved}; expected a built index and 0");
        }

        if (firstId < file.Count || addedCount < 0 || addedCount > int.MaxValue - firstId)
        {
            throw file.Invalid(
                IndexSection.Updates,
                $"{addedCount} vectors added from ID {firstId} on; "
                + $"expected an ID of at least {file.Count}, and fewer than {int.MaxValue} IDs");
        }
    }

    private static int[]? ReadIds(IndexFileReader file, int limit)
    {
        if (file.ItemCount<int>(IndexSection.Ids) == 0)
        {
            return null;
        }

        int[] ids = new ReadOnlySpan<int>(file.Items<int>(IndexSection.Ids, file.Count), file.Count).ToArray();
        int previous = -1;
        foreach (int id in ids)
        {
            if (id <= previous || id >= limit)
            {
                throw file.Invalid(IndexSection.Ids, $"ID {id} after {previous}; expected ascending IDs below {limit}");
            }

            previous = id;
        }

        return UpdatableState.NullIfIdentity(ids);
    }

    private static RemovedRows ReadRemoved(IndexFileReader file, ReadOnlySpan<ulong> words, int rows)
    {
        if (rows % 64 != 0 && words[^1] >> (rows % 64) != 0)
        {
            throw file.Invalid(IndexSection.Removed, $"removes rows beyond the {rows} existing ones");
        }

        return RemovedRows.Of(words);
    }
}
