using System.Runtime.InteropServices;

namespace SimNet.Index;

// The graph of DiskANN (Subramanya et al. 2019, algorithm 3), built in batches in the deterministic parallel form of Dobson et al.
// ("Scaling graph-based ANNS algorithms to billion-size datasets", 2023). Each batch is as large as the graph so far, up to a fiftieth of
// the rows:
//
//   order <- all rows, shuffled; the first row is the graph
//   for each batch of the order, all rows in parallel, on the graph so far:
//     found <- the `BuildEffort` nearest rows that a search for the row finds
//     links of the row <- RobustPrune(found)
//   then, for each row with a link from the batch, in parallel:
//     add the reverse links; if there are too many: links <- RobustPrune(links)
//
// No thread reads what another one writes in the same step, so the graph does not depend on the number of threads.

/// <summary>Builds the links of a <see cref="NeighborGraph"/>.</summary>
internal sealed unsafe class GraphBuilder : IDisposable
{
    private const int BatchShare = 50;
    private const int RowsPerTask = 16;
    private const int RowsPerCheck = 1 << 14;
    private const long Stream = 0x62A9;

    private readonly IndexMemory _scratchMemory = new();
    private readonly RowStore _store;
    private readonly NeighborGraphOptions _options;
    private readonly IProgress<double>? _progress;
    private readonly ParallelOptions _parallel;
    private readonly ScratchPool<Worker> _workers;
    private readonly int _count;
    private readonly int _maxDegree;
    private readonly int* _links;
    private readonly int[] _degrees;
    private readonly int[] _order;
    private readonly EntryPoints _entries;

    public GraphBuilder(RowStore store, NeighborGraphOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _store = store;
        _options = options;
        _progress = progress;
        _parallel = RowStore.Parallelism(options.MaxThreads, cancellationToken);
        _count = store.Rows.Count;

        // The slack lets a row collect many reverse links before it is pruned.
        _maxDegree = options.MaxDegree + (options.MaxDegree / 2);
        _links = _scratchMemory.Allocate<int>((long)_count * _maxDegree);
        _degrees = new int[_count];
        _order = [.. Enumerable.Range(0, _count)];
        new SeededRandom(Stream, options.Seed).Shuffle(_order.AsSpan());
        _entries = EntryPoints.Copy(_order.AsSpan(0, EntryPoints.CountFor(_count)), store.Codes, _scratchMemory);
        _workers = new ScratchPool<Worker>(() => new Worker(store, options, _maxDegree));
    }

    public GraphLinks Build()
    {
        _progress?.Report(0);
        for (long i = 0; i < (long)_count * _maxDegree; i++)
        {
            _links[i] = GraphLinks.None;
        }

        int batch;
        for (int done = Math.Min(1, _count), percent = 0; done < _count; done += batch)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            batch = Math.Min(Math.Min(done, Math.Max(1, _count / BatchShare)), _count - done);
            Insert(done, batch);
            AddReverseLinks(done, batch);
            if ((int)(100L * done / _count) is int now && now > percent)
            {
                percent = now;
                _progress?.Report(percent / 100.0);
            }
        }

        GraphLinks links = Finish();
        _progress?.Report(1);
        return links;
    }

    public void Dispose() => _scratchMemory.Dispose();

    private int* LinksOf(int row) => _links + ((long)row * _maxDegree);

    /// <summary>Links the rows of a batch to those of the graph.</summary>
    private void Insert(int done, int batch)
    {
        EntryPoints entries = _entries.First(EntryPoints.CountFor(done));
        ForEach(batch, (worker, i) =>
        {
            int row = _order[done + i];
            worker.Search(row, _links, entries);
            _degrees[row] = worker.Prune(new Span<int>(LinksOf(row), _options.MaxDegree));
        });
    }

    /// <summary>Adds the reverse links: from the rows of the graph to those of a batch.</summary>
    private void AddReverseLinks(int done, int batch)
    {
        var pairs = new List<long>(batch * _options.MaxDegree);
        for (int i = 0; i < batch; i++)
        {
            int row = _order[done + i];
            for (int link = 0; link < _degrees[row]; link++)
            {
                pairs.Add(((long)LinksOf(row)[link] << 32) | (uint)row);
            }
        }

        pairs.Sort();
        var starts = new List<int>();
        for (int i = 0; i < pairs.Count; i++)
        {
            if (i == 0 || pairs[i] >> 32 != pairs[i - 1] >> 32)
            {
                starts.Add(i);
            }
        }

        starts.Add(pairs.Count);
        ForEach(starts.Count - 1, (worker, i) => AddReverseLinks(worker, pairs, starts[i], starts[i + 1]));
    }

    private void AddReverseLinks(Worker worker, List<long> pairs, int start, int end)
    {
        int row = (int)(pairs[start] >> 32);
        int* links = LinksOf(row);
        if (_degrees[row] + (end - start) <= _maxDegree)
        {
            for (int i = start; i < end; i++)
            {
                links[_degrees[row]++] = (int)pairs[i];
            }

            return;
        }

        var all = new int[_degrees[row] + (end - start)];
        new ReadOnlySpan<int>(links, _degrees[row]).CopyTo(all);
        for (int i = start; i < end; i++)
        {
            all[_degrees[row] + i - start] = (int)pairs[i];
        }

        PruneLinks(worker, row, all);
    }

    /// <summary>Prunes the links of a row to the maximum degree.</summary>
    private void PruneLinks(Worker worker, int row, int[] all)
    {
        int kept = worker.Prune(row, all, new Span<int>(LinksOf(row), _options.MaxDegree));
        new Span<int>(LinksOf(row) + kept, _maxDegree - kept).Fill(GraphLinks.None);
        _degrees[row] = kept;
    }

    private GraphLinks Finish()
    {
        ForEach(_count, (worker, row) =>
        {
            if (_degrees[row] > _options.MaxDegree)
            {
                PruneLinks(worker, row, new ReadOnlySpan<int>(LinksOf(row), _degrees[row]).ToArray());
            }
        });
        int* links = _store.Memory.Allocate<int>((long)_count * _options.MaxDegree);
        for (int row = 0; row < _count; row++)
        {
            new ReadOnlySpan<int>(LinksOf(row), _options.MaxDegree)
                .CopyTo(new Span<int>(links + ((long)row * _options.MaxDegree), _options.MaxDegree));
        }

        EntryPoints entries = EntryPoints.Copy(CollectionsMarshal.AsSpan(FindEntryPoints(links)), _store.Codes, _store.Memory);
        return new GraphLinks { Options = _options with { MaxThreads = 0 }, Count = _count, Links = links, Entries = entries };
    }

    /// <summary>
    /// The first rows of the order, and one row of every component that cannot be reached from them, so that every row can be reached from
    /// an entry point.
    /// </summary>
    private List<int> FindEntryPoints(int* links)
    {
        var isReached = new bool[_count];
        int reached = 0;
        var open = new Stack<int>();
        List<int> entries = [.. _order.AsSpan(0, EntryPoints.CountFor(_count))];
        foreach (int entry in entries)
        {
            Reach(entry);
        }

        for (int row = 0; row < _count; row++)
        {
            if (!isReached[row])
            {
                entries.Add(row);
                Reach(row);
            }
        }

        return entries;

        void Reach(int from)
        {
            open.Push(from);
            while (open.TryPop(out int row))
            {
                if (isReached[row])
                {
                    continue;
                }

                isReached[row] = true;
                if (++reached % RowsPerCheck == 0)
                {
                    _parallel.CancellationToken.ThrowIfCancellationRequested();
                }

                foreach (int other in new ReadOnlySpan<int>(links + ((long)row * _options.MaxDegree), _options.MaxDegree))
                {
                    if (other != GraphLinks.None && !isReached[other])
                    {
                        open.Push(other);
                    }
                }
            }
        }
    }

    private void ForEach(int count, Action<Worker, int> work) => Parallel.For(0, (count + RowsPerTask - 1) / RowsPerTask, _parallel, task =>
    {
        Worker worker = _workers.Rent();
        int end = Math.Min(count, (task + 1) * RowsPerTask);
        for (int i = task * RowsPerTask; i < end; i++)
        {
            work(worker, i);
        }

        _workers.Return(worker);
    });

    /// <summary>The buffers of one thread.</summary>
    private sealed class Worker(RowStore store, NeighborGraphOptions options, int maxDegree)
    {
        private readonly GraphScratch _scratch = new(store.Rows, store.Codes, maxDegree);
        private readonly RobustPrune _pruning = new(store.Codes, options.Alpha, options.BuildEffort + (4 * maxDegree));
        private readonly short[] _query = GC.AllocateArray<short>(store.Codes.Stride, pinned: true);

        public void Search(int row, int* links, EntryPoints entries)
        {
            fixed (short* query = _query)
            {
                RobustPrune.ToQueryCode(store.Codes.Code(row), query, store.Codes.Stride);
                BeamSearch.Run(store.Codes, links, maxDegree, entries, query, options.BuildEffort, _scratch);
            }
        }

        /// <summary>Selects links from the rows that the last search found.</summary>
        public int Prune(Span<int> kept)
        {
            _pruning.Clear();
            for (int i = 0; i < _scratch.Pool.Count; i++)
            {
                _pruning.Add(_scratch.Pool.Row(i), _scratch.Pool.Distance(i));
            }

            return _pruning.Run(kept);
        }

        public int Prune(int row, int[] others, Span<int> kept)
        {
            _pruning.Clear();
            _pruning.AddAll(row, others);
            return _pruning.Run(kept);
        }
    }
}
