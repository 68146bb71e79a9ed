namespace SimNet.Index;

/// <summary>Grows the trees of a forest side by side and joins them.</summary>
internal sealed unsafe class ForestBuilder
{
    private readonly VectorRows _rows;
    private readonly RandomProjectionForestOptions _options;
    private readonly IProgress<double>? _progress;
    private readonly Lock _progressLock = new();
    private readonly int* _leaves;
    private readonly float[]? _extra;
    private long _placed;
    private int _reported = -1;

    public ForestBuilder(VectorRows rows, RandomProjectionForestOptions options, IndexMemory memory, IProgress<double>? progress)
    {
        _rows = rows;
        _options = options;
        _progress = progress;
        _leaves = memory.Allocate<int>((long)rows.Count * options.Trees);
        _extra = rows.Metric == Metric.InnerProduct ? LiftToSphere(rows) : null;
    }

    public ForestTrees Build(IndexMemory memory, CancellationToken cancellationToken)
    {
        Report(0);
        var trees = new TreeBuilder[_options.Trees];
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = _options.MaxThreads == 0 ? Environment.ProcessorCount : _options.MaxThreads,
        };
        Parallel.For(0, trees.Length, parallel, tree =>
        {
            // Each tree has a stream of its own: which thread grows it, and when, does not matter.
            trees[tree] = new TreeBuilder(
                _rows, _extra, _options.LeafSize, new SeededRandom(_options.Seed, tree), LeavesOf(tree), Report, cancellationToken);
            trees[tree].Build();
        });
        return Join(trees, memory);
    }

    private int* LeavesOf(int tree) => _leaves + ((long)tree * _rows.Count);

    /// <summary>
    /// The coordinate that lifts each row x to length M, that of the longest: √(M² − x²). The largest product with a query is then the
    /// smallest angle to it, its own such coordinate being 0, so the trees are those of the cosine in one dimension more
    /// (Bachrach et al., "Speeding up the Xbox recommender system using a Euclidean transformation for inner-product spaces", 2014).
    /// A query needs nothing of this coordinate, so it is not stored.
    /// </summary>
    private static float[] LiftToSphere(VectorRows rows)
    {
        var squares = new double[rows.Count];
        double largest = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            squares[row] = VectorRows.SumOfSquares(new ReadOnlySpan<float>(rows.Row(row), rows.Dimensions));
            largest = Math.Max(largest, squares[row]);
        }

        return Array.ConvertAll(squares, square => (float)Math.Sqrt(largest - square));
    }

    private ForestTrees Join(TreeBuilder[] trees, IndexMemory memory)
    {
        int nodeCount = checked(trees.Sum(tree => tree.Nodes.Count));
        int normalCount = trees.Sum(tree => tree.Normals.Count);
        int* roots = memory.Allocate<int>(trees.Length);
        ForestNode* nodes = memory.Allocate<ForestNode>(nodeCount);
        float* normals = memory.Allocate<float>((long)normalCount * _rows.Stride);
        int node = 0, normal = 0;
        for (int tree = 0; tree < trees.Length; tree++)
        {
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
