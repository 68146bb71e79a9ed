namespace SimNet.Index;

/// <summary>Builds the trees of a forest in parallel and combines them.</summary>
internal sealed unsafe class ForestBuilder
{
    /// <summary>The numbers of trees to try, largest first.</summary>
    private static readonly int[] TriedTrees = [16, 10, 6, 4];

    /// <summary>The leaf sizes to try, smallest first.</summary>
    private static readonly int[] TriedLeafSizes = [32, 64, 128];

    private readonly RowStore _store;
    private readonly RandomProjectionForestOptions _options;
    private readonly IProgress<double>? _progress;
    private readonly ParallelOptions _parallel;
    private readonly Lock _progressLock = new();
    private readonly bool _isQuantized;
    private readonly float[] _shift;
    private readonly float[]? _additional;
    private long _placed;
    private long _toPlace;
    private int _reported = -1;

    public ForestBuilder(
        RowStore store, RandomProjectionForestOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _store = store;
        _options = options;
        _progress = progress;
        _parallel = RowStore.Parallelism(options.MaxThreads, cancellationToken);
        _isQuantized = CodeRecall.Serves(store, ForestSearch.UsualRerankCount, _parallel);
        _shift = _isQuantized ? ShiftOf(store) : [];
        _additional = _isQuantized ? null : VectorTreePoints.AdditionalCoordinates(store.Rows, cancellationToken);
    }

    private int Count => _store.Rows.Count;

    private int TreeCount => _options.Trees ?? RandomProjectionForestOptions.DefaultTrees;

    private int LeafSize => _options.LeafSize ?? RandomProjectionForestOptions.DefaultLeafSize(_store.Rows.Dimensions);

    /// <summary>Builds the trees, and measures the recall with the default effort.</summary>
    public (ForestTrees Trees, RecallEstimate? EstimatedRecall) Build()
    {
        if (_options.TargetRecall is { } target)
        {
            ForestTrees tuned = BuildFor(target);
            return (tuned, EstimateOf(tuned.Parameters));
        }

        ForestParameters parameters = Parameters(TreeCount, LeafSize);
        int* leaves = _store.Memory.Allocate<int>((long)Count * parameters.Trees);
        ForestTrees trees = Join(parameters, Grow(parameters, leaves, ForestTuner.HeldOut(Count)), leaves, _store.Memory);
        long effort = RandomProjectionForest.DefaultEffortFor(_options.TargetNeighbors, parameters.Trees);
        return (trees, new ForestTuner(_store, target: 1, _options.TargetNeighbors, _parallel).Estimate(trees, effort));
    }

    /// <summary>The measurement by which a tuned forest is chosen.</summary>
    private RecallEstimate EstimateOf(in ForestParameters parameters) => parameters.SearchEffort >= Count
        ? RecallEstimate.Exact
        : new RecallEstimate
        {
            Recall = parameters.Recall,
            StandardError = parameters.StandardError,
            Queries = ForestTuner.QueryCount(Count),
            Neighbors = parameters.TargetNeighbors,
            SearchEffort = parameters.SearchEffort,
        };

    /// <summary>
    /// Builds the largest number of trees with the smallest leaves. Pruning a tree gives the tree with larger leaves, and the first trees
    /// of a forest are the smaller forest.
    /// </summary>
    private ForestTrees BuildFor(double target)
    {
        int[] leafSizes = _options.LeafSize is { } size ? [size] : TriedLeafSizes;
        int mostTrees = (int)Math.Min(TriedTrees[0], int.MaxValue / Math.Max(1L, Count));
        int[] treeCounts = _options.Trees is { } trees ? [trees] : [.. TriedTrees.Select(count => Math.Min(count, mostTrees)).Distinct()];
        using var memory = new IndexMemory();
        ForestParameters all = Parameters(treeCounts[0], leafSizes[0]);
        int* leaves = memory.Allocate<int>((long)Count * all.Trees);
        int trials = leafSizes.Length * treeCounts.Length;
        long placesPerTrial = (long)Count * all.Trees / trials;
        GrownTree[] grown = Grow(all, leaves, ForestTuner.HeldOut(Count), placesPerTrial * trials);
        var tuner = new ForestTuner(_store, target, _options.TargetNeighbors, _parallel);
        foreach (int leafSize in leafSizes)
        {
            GrownTree[] cut = [.. grown.Select(tree => tree.Prune(leafSize))];
            foreach (int treeCount in treeCounts)
            {
                tuner.Try(Join(Parameters(treeCount, leafSize), cut[..treeCount], leaves, memory));
                Report((int)placesPerTrial);
            }
        }

        ForestParameters best = tuner.Best;
        if (best.Trees == 0)
        {
            // An exact search is less work than any forest that reaches the target.
            best = Parameters(Math.Min(all.Trees, TreeCount), Math.Max(leafSizes[0], LeafSize)) with
            {
                SearchEffort = Math.Max(1, Count),
                Recall = 1,
                Candidates = Count,
            };
        }

        best = best with { IsTuned = 1, TargetRecall = target, TargetNeighbors = _options.TargetNeighbors };
        long places = (long)Count * best.Trees;
        int* kept = _store.Memory.Allocate<int>(places);
        Buffer.MemoryCopy(leaves, kept, places * sizeof(int), places * sizeof(int));
        ForestTrees chosen = Join(best, [.. grown.Take(best.Trees).Select(tree => tree.Prune(best.LeafSize))], kept, _store.Memory);
        for (int i = 0; i < chosen.NodeCount; i++)
        {
            if (chosen.Nodes[i].Normal == ForestNode.Leaf)
            {
                new Span<int>(kept + chosen.Nodes[i].Left, chosen.Nodes[i].Right).Sort();
            }
        }

        return chosen;
    }

    private ForestParameters Parameters(int trees, int leafSize) => new()
    {
        Trees = trees,
        LeafSize = leafSize,
        Seed = _options.Seed,
        IsCoded = _isQuantized ? 1 : 0,
        IsRanked = _isQuantized ? 1 : 0,
    };

    /// <summary>
    /// The vector that turns a centered code into the uncentered projection, in steps, for the metrics whose hyperplanes pass through the
    /// origin. Empty for the Euclidean metric.
    /// </summary>
    private static float[] ShiftOf(RowStore store)
    {
        if (store.Rows.Metric == Metric.Euclidean)
        {
            return [];
        }

        ScalarQuantizedCodes codes = store.Codes;
        var numbers = new VectorBuffer(codes.Stride);
        codes.Projection.Project(codes.Projection.Mean, numbers.Pointer);
        float scale = codes.Projection.Scale / codes.Step;
        return Array.ConvertAll(numbers.Span.ToArray(), number => number * scale);
    }

    /// <param name="parameters">The number of trees, the leaf size and the seed.</param>
    /// <param name="leaves">Receives every row of every tree.</param>
    /// <param name="isHeldOut">The rows that do not influence the hyperplanes, as in <see cref="TreeBuilder"/>.</param>
    /// <param name="toFollow">The work that follows, in rows placed, for the progress.</param>
    private GrownTree[] Grow(ForestParameters parameters, int* leaves, bool[] isHeldOut, long toFollow = 0)
    {
        _toPlace = ((long)Count * parameters.Trees) + toFollow;
        Report(0);
        var trees = new GrownTree[parameters.Trees];
        Parallel.For(0, trees.Length, _parallel, tree =>
        {
            int* order = leaves + ((long)tree * Count);
            trees[tree] = new TreeBuilder(
                _isQuantized ? new CodeTreePoints(_store.Codes, _shift) : new VectorTreePoints(_store.Rows, _additional),
                isHeldOut,
                parameters.LeafSize,
                parameters.Seed,
                tree,
                order,
                Report,
                _parallel.CancellationToken).Build();
        });
        return trees;
    }

    private ForestTrees Join(ForestParameters parameters, GrownTree[] trees, int* leaves, IndexMemory memory)
    {
        int nodeCount = checked(trees.Sum(tree => tree.Nodes.Count));
        int normalCount = trees.Sum(tree => tree.Normals.Count);
        int bytes = _isQuantized ? _store.Codes.Stride : _store.Rows.Stride * sizeof(float);
        int* roots = memory.Allocate<int>(trees.Length);
        ForestNode* nodes = memory.Allocate<ForestNode>(nodeCount);
        byte* normals = memory.Allocate<byte>((long)normalCount * bytes);
        int node = 0, normal = 0;
        for (int tree = 0; tree < trees.Length; tree++)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            int firstNode = node, firstNormal = normal;
            roots[tree] = firstNode;
            foreach (ForestNode local in trees[tree].Nodes)
            {
                nodes[node++] = local.Relocate(firstNode, firstNormal, tree * Count);
            }

            foreach (byte[] stored in trees[tree].Normals)
            {
                stored.CopyTo(new Span<byte>(normals + ((long)normal++ * bytes), bytes));
            }
        }

        return new ForestTrees
        {
            Parameters = parameters,
            Roots = roots,
            Nodes = nodes,
            NodeCount = nodeCount,
            CodedNormals = _isQuantized ? (sbyte*)normals : null,
            Normals = _isQuantized ? null : (float*)normals,
            NormalCount = normalCount,
            Leaves = leaves,
        };
    }

    /// <summary>Counts the rows that have reached a leaf and reports every percent once, in order.</summary>
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
