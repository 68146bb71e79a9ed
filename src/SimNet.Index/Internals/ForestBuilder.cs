namespace SimNet.Index;

/// <summary>Grows the trees of a forest side by side and joins them.</summary>
internal sealed unsafe class ForestBuilder
{
    private readonly VectorRows _rows;
    private readonly RandomProjectionForestOptions _options;
    private readonly IndexMemory _memory;
    private readonly IProgress<double>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly Lock _progressLock = new();
    private readonly int* _leaves;
    private readonly float[]? _extra;
    private long _placed;
    private int _reported = -1;

    public ForestBuilder(
        VectorRows rows,
        RandomProjectionForestOptions options,
        IndexMemory memory,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        _rows = rows;
        _options = options;
        _memory = memory;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _leaves = memory.Allocate<int>((long)rows.Count * options.Trees);
        _extra = rows.Metric == Metric.InnerProduct ? LiftToSphere() : null;
    }

    public ForestTrees Build()
    {
        Report(0);
        var trees = new (List<ForestNode> Nodes, List<float[]> Normals)[_options.Trees];
        var parallel = new ParallelOptions
        {
            CancellationToken = _cancellationToken,
            MaxDegreeOfParallelism = _options.MaxThreads == 0 ? Environment.ProcessorCount : _options.MaxThreads,
        };
        Parallel.For(0, trees.Length, parallel, tree =>
        {
            // Each tree has a stream of its own: which thread grows it, and when, does not matter.
            var random = new SeededRandom(_options.Seed, tree);
            trees[tree] = new TreeBuilder(_rows, _extra, _options.LeafSize, random, LeavesOf(tree), Report, _cancellationToken).Build();
        });
        return Join(trees);
    }

    private int* LeavesOf(int tree) => _leaves + ((long)tree * _rows.Count);

    /// <summary>
    /// The coordinate that lifts each row x to length M, that of the longest: √(M² − x²). The largest product with a query is then the
    /// smallest angle to it, its own such coordinate being 0, so the trees are those of the cosine in one dimension more
    /// (Bachrach et al., "Speeding up the Xbox recommender system using a Euclidean transformation for inner-product spaces", 2014).
    /// A query needs nothing of this coordinate, so it is not stored.
    /// </summary>
    private float[] LiftToSphere()
    {
        var squares = new double[_rows.Count];
        double largest = 0;
        for (int row = 0; row < squares.Length; row++)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            squares[row] = VectorRows.SumOfSquares(new ReadOnlySpan<float>(_rows.Row(row), _rows.Dimensions));
            largest = Math.Max(largest, squares[row]);
        }

        return Array.ConvertAll(squares, square => (float)Math.Sqrt(largest - square));
    }

    private ForestTrees Join((List<ForestNode> Nodes, List<float[]> Normals)[] trees)
    {
        int nodeCount = checked(trees.Sum(tree => tree.Nodes.Count));
        int normalCount = trees.Sum(tree => tree.Normals.Count);
        int* roots = _memory.Allocate<int>(trees.Length);
        ForestNode* nodes = _memory.Allocate<ForestNode>(nodeCount);
        float* normals = _memory.Allocate<float>((long)normalCount * _rows.Stride);
        int node = 0, normal = 0;
        for (int tree = 0; tree < trees.Length; tree++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int firstNode = node, firstNormal = normal, firstLeaf = tree * _rows.Count;
            roots[tree] = firstNode;
            foreach (ForestNode local in trees[tree].Nodes)
            {
                nodes[node++] = local.Normal == ForestNode.Leaf
                    ? new ForestNode(ForestNode.Leaf, firstLeaf + local.Left, local.Right)
                    : new ForestNode(
                        local.Normal == ForestNode.Halved ? ForestNode.Halved : firstNormal + local.Normal,
                        firstNode + local.Left,
                        firstNode + local.Right,
                        local.Offset);
            }

            foreach (float[] vector in trees[tree].Normals)
            {
                vector.CopyTo(new Span<float>(normals + ((long)normal++ * _rows.Stride), _rows.Stride));
            }
        }

        return new ForestTrees
        {
            Options = _options with { MaxThreads = 0 },
            Roots = roots,
            Nodes = nodes,
            NodeCount = nodeCount,
            Normals = normals,
            NormalCount = normalCount,
            Leaves = _leaves,
        };
    }

    /// <summary>Counts rows that have found their leaf, and tells of every percent once, in order.</summary>
    private void Report(int placed)
    {
        if (_progress is null)
        {
            return;
        }

        lock (_progressLock)
        {
            _placed += placed;
            long all = (long)_rows.Count * _options.Trees;
            int percent = all == 0 ? 100 : (int)(100 * _placed / all);
            if (percent > _reported)
            {
                _reported = percent;
                _progress.Report(percent / 100.0);
            }
        }
    }
}
