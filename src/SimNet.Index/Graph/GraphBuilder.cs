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
internal sealed unsafe class GraphBuilder<TPoints> : IDisposable
    where TPoints : struct, IGraphPoints<TPoints>
{
    private const int BatchShare = 50;
    private const int RowsPerTask = 16;
    private const int RowsPerCheck = 1 << 14;
    private const long Stream = 0x62A9;

    /// <summary>
    /// The effort with which the build first searches for each row, because it takes less time than the least default effort. It finds
    /// 98 rows of 100 or more in most sets of <c>hard-sets</c>.
    /// </summary>
    private const int SelfSearchEffort = 8;

    /// <summary>
    /// The number of times that lost rows are linked: a link added may replace one without which another row is lost. Of the sets of
    /// <c>hard-sets</c>, one takes four rounds, and most none or one. With a hundred copies of each row, no number of rounds finds all.
    /// </summary>
    private const int MaxRounds = 4;

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
    private readonly TPoints _points;
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
        _points = TPoints.Of(store, new VectorBuffer(TPoints.QueryStride(store)));
        _entries = EntryPoints.Copy(_order.AsSpan(0, EntryPoints.CountFor(_count)), _points, _scratchMemory);
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

    /// <summary>Measures the graph and finds the default effort of its searches.</summary>
    public RecallEstimate? Tune(GraphLinks graph)
    {
        int queries = GraphTuner.QueriesFor(_count);
        if (_options.TargetRecall is not { } target || queries == 0)
        {
            return null;
        }

        int[] linkedLast = _order[^queries..];
        return new GraphTuner(_store, graph, linkedLast, _parallel).Tune(target);
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
            worker.Search(row, _links, _maxDegree, entries);
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

        EntryPoints entries = EntryPoints.Copy(_order.AsSpan(0, EntryPoints.CountFor(_count)), _points, _store.Memory);
        if (_count > 0)
        {
            Connect(links, entries);
        }

        return new GraphLinks
        {
            Options = _options with { MaxThreads = 0 },
            Count = _count,
            Links = links,
            IsQuantized = typeof(TPoints) == typeof(CodePoints),
            Entries = entries,
        };
    }

    /// <summary>Adds the links without which a search does not find some rows.</summary>
    private void Connect(int* links, EntryPoints entries)
    {
        Worker worker = _workers.Rent();
        int maxDegree = _options.MaxDegree;
        EntryPoints root = entries.First(1);
        var connector = new GraphConnector(
            links, _count, maxDegree, root.Rows[0], row => worker.Search(row, links, maxDegree, root), _parallel.CancellationToken);
        if (_store.Rows.Metric != Metric.InnerProduct)
        {
            // With inner product, a row is not its own neighbor.
            LinkLostRows(connector, links, entries);
        }

        connector.Connect();
        _workers.Return(worker);
    }

    /// <summary>Links the rows that a search for themselves does not find with the nearest rows that it finds.</summary>
    private void LinkLostRows(GraphConnector connector, int* links, EntryPoints entries)
    {
        Worker searching = _workers.Rent();
        int[] lost = Lost([.. Enumerable.Range(0, _count)]);
        for (int round = 0; round < MaxRounds && lost.Length > 0; round++)
        {
            var changed = new SortedSet<int>(lost);
            foreach (int row in lost)
            {
                _parallel.CancellationToken.ThrowIfCancellationRequested();
                CandidatePool found = searching.Search(row, links, _options.MaxDegree, entries, GraphSearch.QuantizedEffort);
                int replaced = connector.AddLinkTo(row, found);
                if (replaced != GraphLinks.None)
                {
                    changed.Add(replaced);
                }
            }

            lost = Lost([.. changed]);
        }

        _workers.Return(searching);

        int[] Lost(int[] rows)
        {
            var isLost = new bool[rows.Length];
            ForEach(rows.Length, (worker, i) =>
                isLost[i] = !Finds(worker, rows[i], SelfSearchEffort) && !Finds(worker, rows[i], GraphSearch.QuantizedEffort));
            return [.. rows.Where((_, i) => isLost[i])];
        }

        bool Finds(Worker worker, int row, int effort) => worker.Finds(row, links, _options.MaxDegree, entries, effort);
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
    private sealed class Worker
    {
        private readonly int _effort;
        private readonly GraphScratch _scratch;
        private readonly TPoints _points;
        private readonly RobustPrune<TPoints> _pruning;

        // The points refer to the buffer.
        private readonly VectorBuffer _query;

        public Worker(RowStore store, NeighborGraphOptions options, int maxDegree)
        {
            _effort = options.BuildEffort;
            _scratch = new GraphScratch(store.Rows, store.Codes, maxDegree);
            _query = new VectorBuffer(TPoints.QueryStride(store));
            _points = TPoints.Of(store, _query);
            _pruning = new RobustPrune<TPoints>(_points, options.Alpha, options.BuildEffort + (4 * maxDegree));
        }

        /// <summary>Finds the rows nearest to a row, nearest first.</summary>
        public CandidatePool Search(int row, int* links, int maxDegree, EntryPoints entries) =>
            Search(row, links, maxDegree, entries, _effort);

        public CandidatePool Search(int row, int* links, int maxDegree, EntryPoints entries, int effort)
        {
            _scratch.Begin(effort);
            _points.SetQuery(_points.Point(row));
            BeamSearch.Run(_points, links, maxDegree, entries, _scratch);
            return _scratch.Pool;
        }

        /// <summary>Whether a search for a row finds it.</summary>
        public bool Finds(int row, int* links, int maxDegree, EntryPoints entries, int effort)
        {
            CandidatePool pool = Search(row, links, maxDegree, entries, effort);
            for (int place = 0; place < pool.Count; place++)
            {
                if (pool.Row(place) == row)
                {
                    return true;
                }
            }

            return false;
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
