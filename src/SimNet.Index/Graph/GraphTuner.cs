namespace SimNet.Index;

// stored <- a sample of the rows; held out <- the rows linked last, each of which its own search treats as not in the graph
// effort <- the default, then twice that, and so on, until recall - standard error of either sample reaches the target
//           or a scan of all rows is less work
// effort <- the smallest that reaches it, between this effort and the previous one, in steps of an eighth
//
// The choice depends on counts, not on a clock, so it is the same in every run and on every machine.

/// <summary>Finds the effort with which a graph reaches the target recall.</summary>
internal sealed unsafe class GraphTuner
{
    private const int MaxHeldOut = 256;
    private const int MaxStored = 128;
    private const int QueriesPerTask = 8;

    private readonly RowStore _store;
    private readonly GraphLinks _graph;
    private readonly ParallelOptions _parallel;
    private readonly int _wanted;
    private readonly int[] _heldOut;
    private readonly int[][] _hidden;
    private readonly int[] _stored;
    private readonly float[] _farthestOfHeldOut;
    private readonly float[] _farthestOfStored;
    private readonly ScratchPool<GraphScratch> _pool;

    /// <param name="store">The rows and codes.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="linkedLast">The rows in the order in which they are linked, from the last one back.</param>
    /// <param name="parallel">The number of threads, and the cancellation.</param>
    public GraphTuner(RowStore store, GraphLinks graph, ReadOnlySpan<int> linkedLast, ParallelOptions parallel)
    {
        _store = store;
        _graph = graph;
        _parallel = parallel;
        int count = store.Rows.Count, heldOut = QueriesFor(count), stored = Math.Min(heldOut, MaxStored);
        _heldOut = linkedLast[..heldOut].ToArray();
        _stored = [.. Enumerable.Range(0, stored).Select(i => (int)((long)i * count / stored))];
        _wanted = Math.Min(graph.Options.TargetNeighbors, count - heldOut);
        _pool = new ScratchPool<GraphScratch>(() => new GraphScratch(store.Rows, store.Codes, graph.Options.MaxDegree));
        _hidden = EqualRows.Of(store.Rows, _heldOut, parallel);
        _farthestOfHeldOut = FindGroundTruth(_heldOut, i => Except(_hidden[i]));
        _farthestOfStored = FindGroundTruth(_stored, _ => default);
    }

    /// <summary>The number of held-out rows: at most one in eight.</summary>
    public static int QueriesFor(int count) => Math.Min(MaxHeldOut, count / 8);

    /// <summary>Finds the smallest effort that reaches the target, and its recall; an exact search if that is less work.</summary>
    public RecallEstimate Tune(double target)
    {
        int low = GraphSearch.DefaultEffort(_graph), high = low;
        RecallEstimate enough = Measure(high);
        while (!Reaches(enough, target))
        {
            (low, high) = (high, 2 * high);
            if (GraphSearch.IsScanLessWork(high, _store.Rows.Count))
            {
                return RecallEstimate.Exact;
            }

            enough = Measure(high);
        }

        int step = Math.Max(1, (high - low) / 8);
        while (high - low > step)
        {
            int middle = (low + high) / 2;
            RecallEstimate trial = Measure(middle);
            if (Reaches(trial, target))
            {
                (high, enough) = (middle, trial);
            }
            else
            {
                low = middle;
            }
        }

        return enough;
    }

    /// <summary>The recall of the sample with the lower one.</summary>
    private RecallEstimate Measure(int effort)
    {
        RecallEstimate heldOut = Measure(_heldOut, _farthestOfHeldOut, i => _hidden[i], effort);
        RecallEstimate stored = Measure(_stored, _farthestOfStored, _ => [], effort);
        return heldOut.Recall - heldOut.StandardError <= stored.Recall - stored.StandardError ? heldOut : stored;
    }

    // An entry point is found though it is hidden.
    private static SearchOptions Except(int[] rows) =>
        rows.Length == 0 ? default : new SearchOptions { Filter = row => Array.BinarySearch(rows, row) < 0 };

    private static bool Reaches(RecallEstimate estimate, double target) => estimate.Recall - estimate.StandardError >= target;

    private RecallEstimate Measure(int[] queries, float[] farthest, Func<int, int[]> hidden, int effort)
    {
        var hits = new int[queries.Length];
        ForEach(queries.Length, i =>
        {
            GraphScratch scratch = _pool.Rent();
            var found = new Neighbor[_wanted];
            StoreQuery(queries[i], scratch.Query);
            int[] others = hidden(i);
            int count = GraphSearch.Run(_store, _graph, scratch, found, Math.Max(effort, _wanted), Except(others), others);
            hits[i] = count < 0 || float.IsPositiveInfinity(farthest[i]) ? _wanted : CountWithin(found.AsSpan(0, count), farthest[i]);
            _pool.Return(scratch);
        });
        return RecallEstimate.Of(hits, _wanted, effort);
    }

    /// <summary>Finds the distance of the last true neighbor of each query.</summary>
    private float[] FindGroundTruth(int[] queries, Func<int, SearchOptions> options)
    {
        var farthest = new float[queries.Length];
        var pool = new ScratchPool<FlatSearchScratch>(() => new FlatSearchScratch(_store.Rows, _store.Codes));
        ForEach(queries.Length, i =>
        {
            FlatSearchScratch scratch = pool.Rent();
            var found = new Neighbor[_wanted];
            StoreQuery(queries[i], scratch.Query);
            int count = _store.FlatSearch.Search(scratch, found, options(i));

            // With many duplicates, there may be fewer neighbors; then nothing is measured.
            farthest[i] = count < _wanted ? float.PositiveInfinity : found[^1].Distance;
            pool.Return(scratch);
        });
        return farthest;
    }

    /// <summary>Counts the neighbors that are as near as the true ones; any of several equally near rows is right.</summary>
    private static int CountWithin(ReadOnlySpan<Neighbor> found, float farthest)
    {
        int count = 0;
        foreach (Neighbor neighbor in found)
        {
            count += neighbor.Distance <= farthest ? 1 : 0;
        }

        return count;
    }

    private void StoreQuery(int row, VectorBuffer query) =>
        new ReadOnlySpan<float>(_store.Rows.Row(row), _store.Rows.Stride).CopyTo(query.Span);

    private void ForEach(int count, Action<int> body) => Parallel.For(0, (count + QueriesPerTask - 1) / QueriesPerTask, _parallel, task =>
    {
        for (int i = task * QueriesPerTask; i < Math.Min(count, (task + 1) * QueriesPerTask); i++)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            body(i);
        }
    });
}
