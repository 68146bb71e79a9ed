namespace SimNet.Index;

/// <summary>
/// Lets vectors be added to a built index and removed from it. A search asks the built index, without what was removed, and compares the
/// query with every vector added since, so its time grows with those: <see cref="CompactAsync"/> builds the index anew.
/// </summary>
/// <remarks>
/// A vector's number (id) is its own for ever, also after a compaction and in a file: the rows of the index given to the constructor keep
/// theirs, each vector added gets the next, and none is used twice. So ids are not 0 to <see cref="Count"/> − 1 but below
/// <see cref="IdLimit"/>, and <see cref="SearchOptions.Filter"/> and <see cref="SearchOptions.Rows"/> are about ids.
/// <para>
/// Any number of threads may search while others add, remove, compact and save. A search never waits, and answers from the state at one
/// moment: whatever returned before it began is seen. Threads that change the index take turns. What was not saved is lost with the process.
/// </para>
/// </remarks>
public sealed class UpdatableIndex : IVectorIndex
{
    private readonly Lock _changing = new();
    private readonly SemaphoreSlim _compacting = new(1);
    private readonly CancellationTokenSource _disposing = new();
    private readonly ScratchPool<UpdatableScratch> _pool;
    private volatile UpdatableState _state;
    private volatile bool _isDisposed;

    /// <summary>Takes over a built index; its rows keep their numbers.</summary>
    /// <param name="index">
    /// An index of any other kind, perhaps an empty one; disposed of by this one, and not to be used for anything else any more. A compaction
    /// builds an index of the same kind with the same options.
    /// </param>
    /// <exception cref="ArgumentException">The index is an <see cref="UpdatableIndex"/> itself, or not one of this library's.</exception>
    public UpdatableIndex(IVectorIndex index)
        : this(NewState(index))
    {
    }

    internal UpdatableIndex(UpdatableState state)
    {
        _state = state;
        Dimensions = state.Built.Dimensions;
        Metric = state.Built.Metric;
        int stride = state.Built.Store.Rows.Stride;
        _pool = new ScratchPool<UpdatableScratch>(() => new UpdatableScratch(stride));
    }

    /// <inheritdoc/>
    public int Count => _state.Count;

    /// <inheritdoc/>
    public int IdLimit => _state.Added.IdLimit;

    /// <inheritdoc/>
    public int Dimensions { get; }

    /// <inheritdoc/>
    public Metric Metric { get; }

    /// <inheritdoc/>
    public string Kind => "updatable-" + _state.Built.Kind;

    /// <summary>How many vectors were added or removed since the index was built last: what <see cref="CompactAsync"/> would do away with.</summary>
    public int ChangeCount => _state.ChangeCount;

    internal UpdatableState State => _state;

    /// <summary>Adds a vector.</summary>
    /// <param name="vector"><see cref="Dimensions"/> finite numbers and a length of at most 1e18; copied.</param>
    /// <returns>Its id: higher than all before.</returns>
    /// <exception cref="ArgumentException">The vector has the wrong length, or a number in it is not finite or too large.</exception>
    /// <exception cref="InvalidOperationException">All 2³¹ − 1 ids are used up.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            UpdatableState state = _state;
            int id = state.Added.IdLimit;
            if (id == int.MaxValue)
            {
                throw new InvalidOperationException($"All {int.MaxValue} ids are used up; expected a new index to be built.");
            }

            _state = state with { Added = state.Added.With(vector, state.Built.Store.Rows) };
            return id;
        }
    }

    /// <summary>Removes a vector: searches that begin later do not find it.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether there was one; false for an id that was removed before or never given.</returns>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public bool Remove(int id)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            UpdatableState state = _state;
            if (!state.TryFind(id, out bool isAdded, out int row))
            {
                return false;
            }

            _state = state.Without(isAdded, row);
            return true;
        }
    }

    /// <summary>
    /// Builds the index anew from all vectors that are there now, in the background, and puts it in place of the old one: the very index that a
    /// first build of those vectors gives. Meanwhile everything goes on; what is added and removed is not lost, and is not part of
    /// the new index. Needs memory for both indexes. If there is nothing to do away with, does nothing.
    /// </summary>
    /// <param name="progress">As for a first build.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds and changes nothing.</param>
    /// <returns>Done when searches that begin use the new index. One compaction waits for another.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of, before or meanwhile.</exception>
    /// <exception cref="InvalidDataException">
    /// A vector is not one: the index is of a damaged file that was opened without verification. To be rid of it, remove the id that the message names.
    /// </exception>
    public async Task CompactAsync(IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        try
        {
            await _compacting.WaitAsync(ending.Token).ConfigureAwait(false);
            try
            {
                await Task.Run(() => Compact(progress, ending.Token), ending.Token).ConfigureAwait(false);
            }
            finally
            {
                _compacting.Release();
            }
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            throw;
        }
    }

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        UpdatableState state = Enter();
        UpdatableScratch scratch = _pool.Rent();
        try
        {
            int found = state.Built.Search(query, results, scratch.Begin(state, options));
            ToIds(results[..found], state);
            return MergeAdded(query, results, found, state, options, scratch);
        }
        finally
        {
            Leave(state, scratch);
        }
    }

    /// <inheritdoc/>
    public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default)
    {
        UpdatableState state = Enter();
        UpdatableScratch scratch = _pool.Rent();
        try
        {
            Neighbor[] found = state.Built.SearchRange(query, radius, scratch.Begin(state, options));
            ToIds(found, state);
            return state.Added.LiveCount == 0 ? found : MergeAdded(query, radius, found, state, options, scratch);
        }
        finally
        {
            Leave(state, scratch);
        }
    }

    /// <inheritdoc/>
    /// <remarks>All queries are answered from the state at one moment.</remarks>
    public Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new BatchSearchOptions();
        UpdatableState state = Enter();
        UpdatableScratch scratch = _pool.Rent();
        try
        {
            BatchSearchOptions inside = options with { Search = scratch.Begin(state, options.Search) };
            Neighbor[][] results = state.Built.SearchBatch(queries, count, inside, cancellationToken);
            if (state.Ids is not null || state.Added.LiveCount > 0)
            {
                BatchSearch.Each(results.Length, options, AddToOne, cancellationToken);
            }

            return results;

            void AddToOne(int query)
            {
                ToIds(results[query], state);
                results[query] = MergeAdded(queries.Span.Slice(query * Dimensions, Dimensions), count, results[query], state, options.Search);
            }
        }
        finally
        {
            Leave(state, scratch);
        }
    }

    /// <inheritdoc/>
    public void GetVector(int id, Span<float> destination)
    {
        UpdatableState state = Enter();
        try
        {
            if (!state.TryFind(id, out bool isAdded, out int row))
            {
                throw new ArgumentOutOfRangeException(nameof(id), id, $"The index has no such row: ids are below {state.Added.IdLimit}, and some were removed.");
            }

            if (destination.Length != Dimensions)
            {
                throw new ArgumentException($"The destination has {destination.Length} values; the index has {Dimensions} dimensions.", nameof(destination));
            }

            if (isAdded)
            {
                state.Added.Span(row)[..Dimensions].CopyTo(destination);
            }
            else
            {
                state.Built.GetVector(row, destination);
            }
        }
        finally
        {
            state.Shared.Release();
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What is written is the state at one moment, with what was added and removed beside the built index: nothing is compacted. On opening, the
    /// built index is mapped; the vectors added since are copied.
    /// </remarks>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        UpdatableState state = Enter();
        try
        {
            UpdatableFile.Write(path, state, this);
        }
        finally
        {
            state.Shared.Release();
        }
    }

    /// <summary>Frees the memory or closes the file; searches still running end first. A compaction ends in an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (_changing)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _state.Shared.Release();
        }

        _disposing.Cancel();
    }

    private static UpdatableState NewState(IVectorIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return index is IBuiltIndex built
            ? new UpdatableState(new ReferenceCountedIndex(built), null, RemovedRows.None, new AddedRows(built.Count, built.Store.Rows))
            : throw new ArgumentException($"{index.GetType()} cannot be built anew; expected an index of another kind of this library.", nameof(index));
    }

    private static void ToIds(Span<Neighbor> found, UpdatableState state)
    {
        if (state.Ids is { } ids)
        {
            // Ids rise with the rows, so ties stay in order.
            foreach (ref Neighbor neighbor in found)
            {
                neighbor = neighbor with { Id = ids[neighbor.Id] };
            }
        }
    }

    /// <summary>Holds the state of this moment until <see cref="ReferenceCountedIndex.Release"/>.</summary>
    private UpdatableState Enter()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            UpdatableState state = _state;
            if (state.Shared.TryAcquire())
            {
                return state;
            }

            // A compaction let go of the old index after it had put the new one in its place: the next look finds that.
        }
    }

    private void Leave(UpdatableState state, UpdatableScratch scratch)
    {
        scratch.End();
        _pool.Return(scratch);
        state.Shared.Release();
    }

    private static unsafe int MergeAdded(
        ReadOnlySpan<float> query, Span<Neighbor> results, int found, UpdatableState state, in SearchOptions options, UpdatableScratch scratch)
    {
        if (results.IsEmpty || state.Added.LiveCount == 0)
        {
            return found;
        }

        state.Built.Store.Rows.StoreQuery(query, scratch.Query.Pointer);
        return state.Added.Search(scratch.Query.Pointer, results, found, options);
    }

    private Neighbor[] MergeAdded(ReadOnlySpan<float> query, int count, Neighbor[] found, UpdatableState state, in SearchOptions options)
    {
        UpdatableScratch scratch = _pool.Rent();
        try
        {
            var all = new Neighbor[(int)Math.Min(count, (long)found.Length + state.Added.LiveCount)];
            found.CopyTo(all, 0);
            int allCount = MergeAdded(query, all, found.Length, state, options, scratch);
            Array.Resize(ref all, allCount);
            return all;
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    private static unsafe Neighbor[] MergeAdded(
        ReadOnlySpan<float> query, float radius, Neighbor[] found, UpdatableState state, in SearchOptions options, UpdatableScratch scratch)
    {
        var all = new List<Neighbor>(found);
        state.Built.Store.Rows.StoreQuery(query, scratch.Query.Pointer);
        state.Added.Range(scratch.Query.Pointer, radius, all, options);

        // No two are equal, so sorting gives one order only.
        all.Sort((a, b) => a.Distance != b.Distance ? a.Distance.CompareTo(b.Distance) : a.Id.CompareTo(b.Id));
        return [.. all];
    }

    private void Compact(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        UpdatableState before = Enter();
        try
        {
            if (before.ChangeCount == 0)
            {
                progress?.Report(1);
                return;
            }

            ReferenceCountedIndex rebuilt = Rebuild(before, progress, out int[] ids, cancellationToken);
            lock (_changing)
            {
                if (_isDisposed)
                {
                    rebuilt.Release();
                    throw new ObjectDisposedException(GetType().FullName);
                }

                _state = _state.RebaseOn(rebuilt, ids, before);
                before.Shared.Release();
            }
        }
        finally
        {
            before.Shared.Release();
        }
    }

    private static ReferenceCountedIndex Rebuild(UpdatableState state, IProgress<double>? progress, out int[] ids, CancellationToken cancellationToken)
    {
        var memory = new IndexMemory();
        try
        {
            VectorRows rows = state.CopyRemaining(memory, out ids, cancellationToken);
            RowStore store = RowStore.Build(rows, memory, maxThreads: 0, cancellationToken);
            return new ReferenceCountedIndex(state.Built.Rebuild(store, progress, cancellationToken));
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
