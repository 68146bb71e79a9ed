namespace SimNet.Index;

/// <summary>Grows the trees of a forest side by side and joins them.</summary>
internal sealed unsafe class ForestBuilder
{
    private readonly RowStore _store;
    private readonly RandomProjectionForestOptions _options;
    private readonly IProgress<double>? _progress;
    private readonly ParallelOptions _parallel;
    private readonly Lock _progressLock = new();
    private readonly float[] _shift;
    private long _placed;
    private long _toPlace;
    private int _reported = -1;

    public ForestBuilder(RowStore store, RandomProjectionForestOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _store = store;
        _options = options;
        _progress = progress;
        _parallel = RowStore.Parallelism(options.MaxThreads, cancellationToken);
        _shift = ShiftOf(store);
    }

    private int Count => _store.Rows.Count;

    public ForestTrees Build()
    {
        var parameters = new ForestParameters
        {
            Trees = _options.Trees ?? RandomProjectionForestOptions.DefaultTrees,
            LeafSize = _options.LeafSize ?? RandomProjectionForestOptions.DefaultLeafSize,
            Seed = _options.Seed,
            IsCoded = 1,
        };
        int* leaves = _store.Memory.Allocate<int>((long)Count * parameters.Trees);
        return Join(parameters, Grow(parameters, leaves), leaves, _store.Memory);
    }

    /// <summary>
    /// What makes a row's code its projection not centred, in steps: for metrics of directions, whose planes go through the origin. Empty for others.
    /// </summary>
    private static float[] ShiftOf(RowStore store)
    {
        if (store.Rows.Metric == Metric.Euclidean)
        {
            return [];
        }

        RowCodes codes = store.Codes;
        var numbers = new VectorBuffer(codes.Stride);
        codes.Projection.Project(codes.Projection.Mean, numbers.Pointer);
        float scale = codes.Projection.Unit / codes.Step;
        return Array.ConvertAll(numbers.Span.ToArray(), number => number * scale);
    }

    private GrownTree[] Grow(ForestParameters parameters, int* leaves)
    {
        _toPlace = (long)Count * parameters.Trees;
        Report(0);
        var trees = new GrownTree[parameters.Trees];
        Parallel.For(0, trees.Length, _parallel, tree =>
        {
            int* order = leaves + ((long)tree * Count);
            trees[tree] = new TreeBuilder(
                _store.Codes, _shift, parameters.LeafSize, parameters.Seed, tree, order, Report, _parallel.CancellationToken).Build();
        });
        return trees;
    }

    private ForestTrees Join(ForestParameters parameters, GrownTree[] trees, int* leaves, IndexMemory memory)
    {
        int nodeCount = checked(trees.Sum(tree => tree.Nodes.Count));
        int normalCount = trees.Sum(tree => tree.Normals.Count), stride = _store.Codes.Stride;
        int* roots = memory.Allocate<int>(trees.Length);
        ForestNode* nodes = memory.Allocate<ForestNode>(nodeCount);
        sbyte* normals = memory.Allocate<sbyte>((long)normalCount * stride);
        int node = 0, normal = 0;
        for (int tree = 0; tree < trees.Length; tree++)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            int firstNode = node, firstNormal = normal;
            roots[tree] = firstNode;
            foreach (ForestNode local in trees[tree].Nodes)
            {
                nodes[node++] = local.Moved(firstNode, firstNormal, tree * Count);
            }

            foreach (sbyte[] numbers in trees[tree].Normals)
            {
                numbers.CopyTo(new Span<sbyte>(normals + ((long)normal++ * stride), stride));
            }
        }

        return new ForestTrees
        {
            Parameters = parameters,
            Roots = roots,
            Nodes = nodes,
            NodeCount = nodeCount,
            CodedNormals = normals,
            NormalCount = normalCount,
            Leaves = leaves,
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
            int percent = _toPlace == 0 ? 100 : (int)(100 * _placed / _toPlace);
            if (percent > _reported)
            {
                _reported = percent;
                _progress.Report(percent / 100.0);
            }
        }
    }
}
