namespace SimNet.Index;

// For each combination of number of trees and leaf size:
//   effort <- 4, 8, 16 ... times the neighbors wanted, until recall - standard error reaches the target
//             or the work exceeds the least so far
//   effort <- the smallest that reaches it, between this effort and the previous one, in steps of a sixteenth
// The combination with the least work is chosen; the exact search is one of the alternatives.
//
// Work is derived from counts, not from a clock, so the choice is the same in every run and on every machine.

/// <summary>Finds the trees and the effort that reach a target recall with the least work.</summary>
internal sealed unsafe class ForestTuner
{
    private const int MaxQueries = 256;
    private const int QueriesPerTask = 8;

    // Measured for a search over 60,000 rows of 784 components with 128-component codes, on a processor with AVX-512, for data outside the
    // L2 cache. Only the ratios matter.
    private const double NanosecondsPerPlane = 70;
    private const double NanosecondsPerLeafRow = 5;
    private const double NanosecondsPerCandidate = 7;
    private const double NanosecondsPerCodeByte = 0.1;
    private const double NanosecondsPerRerankedRow = 60;
    private const double NanosecondsPerComponent = 0.6;
    private const double NanosecondsPerScannedRow = 3;

    private readonly RowStore _store;
    private readonly double _target;
    private readonly int _wanted;
    private readonly ParallelOptions _parallel;
    private readonly int[] _queries;
    private readonly int[][] _equal;
    private readonly float[] _farthest;
    private readonly ScratchPool<ForestScratch> _pool;
    private double _leastWork;

    public ForestTuner(RowStore store, double target, int neighbors, ParallelOptions parallel)
    {
        _store = store;
        _target = target;
        _parallel = parallel;
        int count = store.Rows.Count;
        _queries = QueriesOf(count);
        _equal = EqualRows.Of(store.Rows, _queries, parallel);
        _wanted = Math.Min(neighbors, Math.Max(0, count - 1));
        _farthest = new float[_queries.Length];
        _pool = new ScratchPool<ForestScratch>(() => new ForestScratch(store.Rows, store.Codes));
        _leastWork = count * (NanosecondsPerScannedRow + (store.Codes.FirstStageStride * NanosecondsPerCodeByte));
        if (_wanted > 0)
        {
            FindGroundTruth();
        }
    }

    /// <summary>
    /// The rows that serve as queries, and therefore must not influence the hyperplanes: otherwise a row shares a leaf with its neighbors
    /// more often than an unseen query does. On 6,000 rows of 12 independent components, the recall for rows that influenced the
    /// hyperplanes is 0.91, and 0.87 for unseen queries.
    /// </summary>
    public static bool[] HeldOut(int count)
    {
        var isHeldOut = new bool[count];
        foreach (int query in QueriesOf(count))
        {
            isHeldOut[query] = true;
        }

        return isHeldOut;
    }

    /// <summary>The parameters with the least work so far; all 0 while that is the exact search.</summary>
    public ForestParameters Best { get; private set; }

    /// <summary>Measures a forest and keeps its parameters if it reaches the target with less work than all before.</summary>
    /// <param name="trees">The trees of the forest.</param>
    public void Try(ForestTrees trees)
    {
        long low = _wanted, high = 4L * _wanted;
        Trial enough;
        while (true)
        {
            if (_wanted == 0 || high >= _store.Rows.Count)
            {
                return;
            }

            enough = Measure(trees, high);
            if (enough.Reaches(_target))
            {
                break;
            }

            if (enough.Work >= _leastWork)
            {
                return;
            }

            (low, high) = (high, 2 * high);
        }

        long step = Math.Max(1, (high - low) / 16);
        while (high - low > step)
        {
            long middle = (low + high) / 2;
            Trial trial = Measure(trees, middle);
            if (trial.Reaches(_target))
            {
                (high, enough) = (middle, trial);
            }
            else if (trial.Work < _leastWork)
            {
                low = middle;
            }
            else
            {
                return;
            }
        }

        if (enough.Work < _leastWork)
        {
            _leastWork = enough.Work;
            Best = trees.Parameters with
            {
                SearchEffort = (int)high,
                Recall = enough.Recall,
                StandardError = enough.StandardError,
                Planes = enough.Planes,
                Candidates = enough.Candidates,
            };
        }
    }

    /// <summary>Measures the recall of a forest with an effort; null if there are too few rows.</summary>
    public RecallEstimate? Estimate(ForestTrees trees, long effort)
    {
        if (_wanted == 0)
        {
            return null;
        }

        if (effort >= _store.Rows.Count)
        {
            return RecallEstimate.Exact;
        }

        Trial trial = Measure(trees, effort);
        return new RecallEstimate
        {
            Recall = trial.Recall,
            StandardError = trial.StandardError,
            Queries = _queries.Length,
            Neighbors = _wanted,
            SearchEffort = (int)effort,
        };
    }

    /// <summary>The number of rows that serve as queries: at most one in eight.</summary>
    public static int QueryCount(int count) => Math.Min((count + 7) / 8, MaxQueries);

    /// <summary>Rows spread evenly over the index.</summary>
    private static int[] QueriesOf(int count)
    {
        int queries = QueryCount(count);
        return [.. Enumerable.Range(0, queries).Select(i => (int)((long)i * count / queries))];
    }

    /// <summary>Excludes the row that a query is, and its duplicates.</summary>
    private SearchOptions ExceptQuery(int query) => new() { Filter = row => Array.BinarySearch(_equal[query], row) < 0 };

    /// <summary>Finds the distance of the last true neighbor of each query.</summary>
    private void FindGroundTruth()
    {
        var pool = new ScratchPool<FlatSearchScratch>(() => new FlatSearchScratch(_store.Rows, _store.Codes));
        ForEachQuery(i =>
        {
            FlatSearchScratch scratch = pool.Rent();
            var found = new Neighbor[_wanted];
            StoreQuery(_queries[i], scratch.Query);
            int count = _store.FlatSearch.Search(scratch, found, ExceptQuery(i));

            // With many duplicates, there may be fewer neighbors; then nothing is measured.
            _farthest[i] = count < _wanted ? float.PositiveInfinity : found[^1].Distance;
            pool.Return(scratch);
        });
    }

    private Trial Measure(ForestTrees trees, long effort)
    {
        var trials = new (int Found, int Planes, int LeafRows, int Candidates)[_queries.Length];
        ForEachQuery(i =>
        {
            ForestScratch scratch = _pool.Rent();
            var found = new Neighbor[_wanted];
            StoreQuery(_queries[i], scratch.Query);
            int count = ForestSearch.Run(_store, trees, scratch, found, effort, ExceptQuery(i));
            int hits = float.IsPositiveInfinity(_farthest[i]) ? _wanted - count : 0;
            for (int place = 0; place < count; place++)
            {
                hits += found[place].Distance <= _farthest[i] ? 1 : 0;
            }

            trials[i] = (hits, scratch.PlaneCount, scratch.LeafRowCount, scratch.CandidateCount);
            _pool.Return(scratch);
        });

        // In order, so that the sums do not depend on the number of threads.
        double n = trials.Length, sum = 0, squares = 0, planes = 0, leafRows = 0, candidates = 0;
        foreach ((int hits, int planeCount, int leafRowCount, int candidateCount) in trials)
        {
            double recall = (double)hits / _wanted;
            sum += recall;
            squares += recall * recall;
            planes += planeCount;
            leafRows += leafRowCount;
            candidates += candidateCount;
        }

        double mean = sum / n, variance = Math.Max(0, (squares / n) - (mean * mean));
        ScalarQuantizedCodes codes = _store.Codes;
        double work = (planes / n * (NanosecondsPerPlane + (codes.Stride * NanosecondsPerCodeByte)))
            + (leafRows / n * NanosecondsPerLeafRow)
            + (candidates / n * (NanosecondsPerCandidate + (codes.Stride * NanosecondsPerCodeByte)))
            + (ForestSearch.RerankCountFor(_wanted, effort) * (NanosecondsPerRerankedRow + (_store.Rows.Stride * NanosecondsPerComponent)));
        return new Trial(mean, Math.Sqrt(variance / n), planes / n, candidates / n, work);
    }

    private void StoreQuery(int row, VectorBuffer query) =>
        _store.Rows.StoreQuery(new ReadOnlySpan<float>(_store.Rows.Row(row), _store.Rows.Dimensions), query.Pointer);

    private void ForEachQuery(Action<int> body) =>
        Parallel.For(0, (_queries.Length + QueriesPerTask - 1) / QueriesPerTask, _parallel, task =>
    {
        for (int i = task * QueriesPerTask; i < Math.Min(_queries.Length, (task + 1) * QueriesPerTask); i++)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            body(i);
        }
    });

    private readonly record struct Trial(double Recall, double StandardError, double Planes, double Candidates, double Work)
    {
        /// <summary>Whether the recall exceeds the target by at least its standard error.</summary>
        public bool Reaches(double target) => Recall - StandardError >= target;
    }
}
