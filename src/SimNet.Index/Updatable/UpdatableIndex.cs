namespace SimNet.Index;

/// <summary>
/// An index to which vectors can be added and from which they can be removed. A search combines the results of the built index, without the
/// removed vectors, with a comparison of every vector added since the build, so its time grows with their number.
/// <see cref="CompactAsync"/> rebuilds the index.
/// </summary>
/// <remarks>
/// The ID of a vector never changes, not even by a compaction or by saving: the rows of the index passed to the constructor keep their IDs,
/// each added vector gets the next one, and no ID is reused. IDs are therefore less than <see cref="IdLimit"/> rather than
/// <see cref="Count"/>, and <see cref="SearchOptions.Filter"/> and <see cref="SearchOptions.Rows"/> refer to IDs.
/// <para>
/// Any number of threads may search while others add, remove, compact and save. A search never waits, and answers from the state at one
/// moment, which includes every change that returned before the search began. Threads that change the index take turns. Changes that are
/// not saved are lost when the process ends.
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

    /// <summary>Wraps a built index; its rows keep their IDs.</summary>
    /// <param name="index">
    /// An <see cref="ExactIndex"/>, a <see cref="RandomProjectionForest"/> or a <see cref="NeighborGraph"/>, which may be empty. The new
    /// index owns and disposes it. A compaction builds an index of the same kind with the same options.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The index is itself an <see cref="UpdatableIndex"/>, or another implementation of <see cref="IVectorIndex"/>: a compaction cannot
    /// rebuild those.
    /// </exception>
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

    /// <summary>
    /// The number of vectors added and removed since the last build. <see cref="CompactAsync"/> reduces it to 0.
    /// </summary>
    public int ChangeCount => _state.ChangeCount;

    /// <summary>
    /// The recall of searches in the built index: as measured by its build, or, if that is lower beyond chance, for the vectors added
    /// since. One added vector in 16 is compared with an exact answer, and the latest 256 of these count. Added vectors themselves are
    /// always found.
    /// </summary>
    public RecallEstimate? EstimatedRecall
    {
        get
        {
            RecallWatch watch = _state.Shared.Watch;
            return watch.HasDrifted ? watch.Estimate : _state.Built.EstimatedRecall;
        }
    }

    /// <summary>
    /// Whether the vectors added differ so much from those of the built index that it finds fewer of their neighbors than it should: the
    /// recall for them is below its target, and below what its build measured, beyond chance. <see cref="CompactAsync"/> restores it.
    /// <see langword="false"/> for an exact index, and before about 500 vectors are added.
    /// </summary>
    public bool NeedsCompaction => _state.Shared.Watch.HasDrifted;

    internal UpdatableState State => _state;

    /// <summary>Adds a copy of a vector.</summary>
    /// <param name="vector">
    /// The vector: <see cref="Dimensions"/> finite components with a Euclidean norm of at most 1e18.
    /// </param>
    /// <returns>The ID of the vector, which is higher than all before.</returns>
    /// <exception cref="ArgumentException">The vector has the wrong length, or a component is not finite or too large.</exception>
    /// <exception cref="InvalidOperationException">All 2³¹ - 1 IDs are in use.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        UpdatableState state;
        int id;
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            state = _state;
            id = state.Added.IdLimit;
            if (id == int.MaxValue)
            {
                throw new InvalidOperationException($"All {int.MaxValue} IDs are in use; build a new index.");
            }

            _state = state with { Added = state.Added.With(vector, state.Built.Store.Rows) };
            if (!state.Shared.TryAcquire())
            {
                return id;
            }
        }

        try
        {
            state.Shared.Watch.Measure(state.Added.Count, vector);
        }
        finally
        {
            state.Shared.Release();
        }

        return id;
    }

    /// <summary>Removes a vector. Searches that begin afterwards do not find it.</summary>
    /// <param name="id">The ID of the vector.</param>
    /// <returns>
    /// <see langword="true"/> if the vector is removed; <see langword="false"/> if the ID does not exist or is already removed.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
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
    /// Rebuilds the index in the background from its current vectors and replaces the built index. The result is the same as that of a
    /// first build of these vectors. Searches and changes continue meanwhile; changes made during the compaction are kept but are not part
    /// of the rebuilt index. The memory of both indexes is needed. Does nothing if there are no changes.
    /// </summary>
    /// <param name="progress">Receives the completed share; 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds and leaves the index unchanged.</param>
    /// <returns>A task that completes when new searches use the rebuilt index. Concurrent compactions run one after another.</returns>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed, before or during the compaction.</exception>
    /// <exception cref="InvalidDataException">
    /// A vector is invalid, because the index is opened without verification from a damaged file. Remove the ID that the message names.
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
            TranslateToIds(results[..found], state);
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
            TranslateToIds(found, state);
            return state.Added.LiveCount == 0 ? found : MergeAdded(query, radius, found, state, options, scratch);
        }
        finally
        {
            Leave(state, scratch);
        }
    }

    /// <inheritdoc/>
    /// <remarks>All queries are answered from the same state.</remarks>
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
                TranslateToIds(results[query], state);
                results[query] = MergeAdded(
                    queries.Span.Slice(query * Dimensions, Dimensions), count, results[query], state, options.Search);
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
                throw new ArgumentOutOfRangeException(
                    nameof(id), id, $"The ID does not exist or is removed; IDs are below {state.Added.IdLimit}.");
            }

            if (destination.Length != Dimensions)
            {
                throw new ArgumentException(
                    $"The destination has {destination.Length} values; the index has {Dimensions} dimensions.", nameof(destination));
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
    /// Saves the state at one moment: the built index together with the added and removed vectors, without a compaction. When the file is
    /// opened, the built index is mapped and the added vectors are copied.
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

    /// <summary>
    /// Frees the memory or closes the file after the running searches have ended. A running compaction ends with an
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
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
            : throw new ArgumentException(
                $"{index.GetType()} cannot be rebuilt; expected an ExactIndex, a RandomProjectionForest or a NeighborGraph.",
                nameof(index));
    }

    private static void TranslateToIds(Span<Neighbor> found, UpdatableState state)
    {
        if (state.Ids is { } ids)
        {
            // IDs ascend with the rows, so ties stay in order.
            foreach (ref Neighbor neighbor in found)
            {
                neighbor = neighbor with { Id = ids[neighbor.Id] };
            }
        }
    }

    /// <summary>Acquires the current state until <see cref="ReferenceCountedIndex.Release"/> is called.</summary>
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

            // A compaction has replaced this state and released it; the next iteration finds the new one.
        }
    }

    private void Leave(UpdatableState state, UpdatableScratch scratch)
    {
        scratch.End();
        _pool.Return(scratch);
        state.Shared.Release();
    }

    private static unsafe int MergeAdded(
        ReadOnlySpan<float> query,
        Span<Neighbor> results,
        int found,
        UpdatableState state,
        in SearchOptions options,
        UpdatableScratch scratch)
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

        // IDs are unique, so the order is total.
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

    private static ReferenceCountedIndex Rebuild(
        UpdatableState state, IProgress<double>? progress, out int[] ids, CancellationToken cancellationToken)
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
