namespace SimNet.Index;

/// <summary>
/// Approximate nearest-neighbor search with a forest of random-projection trees (Annoy; Bernhardsson 2013), as used in the e-SimNet paper.
/// Each tree divides the space recursively by the hyperplane between two random rows. A search descends all trees at once, nearest regions
/// first, and compares the query with the rows in the leaves that it reaches.
/// </summary>
/// <remarks>
/// In contrast to the paper, hyperplanes are in the space of the rows' scalar-quantized codes (SQ8, of their projection on the principal
/// components). Candidates are ranked by code, and the best are re-ranked in full precision, so that the distances returned are exact. If
/// the codes do not tell rows apart, as in dense clusters far from each other, hyperplanes and candidates are in the space of the vectors.
/// For cosine, hyperplanes divide normalized rows. For inner product, rows are augmented by one coordinate to equal norm, so that the
/// largest product is the smallest angle. In addition to vectors and codes, the memory is four bytes per row and tree, and about one code
/// for each <c>LeafSize</c> / 1.5 rows per tree.
/// <para>
/// Recall on Fashion-MNIST (60,000 rows of 784 components, Euclidean, 10 trees, 10 neighbors): 0.968 with an effort of 700, 0.994 with
/// 1,500, and 0.997 with 2,000. The default effort is 1,600.
/// </para>
/// </remarks>
public sealed unsafe class RandomProjectionForest : IVectorIndex, IBuiltIndex
{
    /// <summary>
    /// The candidates per neighbor and tree. Annoy's default is 1, which misses a third of the neighbors in high-dimensional spaces.
    /// </summary>
    private const int DefaultEffort = 16;

    private readonly RowStore _store;
    private readonly IndexMemory _memory;
    private readonly VectorRows _rows;
    private readonly ForestTrees _trees;
    private readonly ScratchPool<ForestScratch> _pool;

    internal RandomProjectionForest(RowStore store, ForestTrees trees, RecallEstimate? estimatedRecall)
    {
        EstimatedRecall = estimatedRecall;
        VectorRows rows = store.Rows;
        ScalarQuantizedCodes codes = store.Codes;
        _store = store;
        _rows = rows;
        _trees = trees;
        _memory = store.Memory;
        Options = trees.Parameters.ToOptions();
        Tuning = trees.Parameters.ToTuning();
        _pool = new ScratchPool<ForestScratch>(() => new ForestScratch(rows, codes));
    }

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <inheritdoc/>
    public int Dimensions => _rows.Dimensions;

    /// <inheritdoc/>
    public Metric Metric => _rows.Metric;

    /// <inheritdoc/>
    public string Kind => "forest";

    /// <summary>
    /// The options that the forest is built with. <see cref="RandomProjectionForestOptions.MaxThreads"/> does not affect it and is 0.
    /// </summary>
    public RandomProjectionForestOptions Options { get; }

    /// <summary>
    /// The outcome of <see cref="RandomProjectionForestOptions.TargetRecall"/>; <see langword="null"/> if the forest is not tuned.
    /// </summary>
    public ForestTuning? Tuning { get; }

    /// <summary>
    /// The recall with the default effort, for <see cref="RandomProjectionForestOptions.TargetNeighbors"/> neighbors. The queries are 256
    /// rows of the index, or one row in eight if that is less, spread evenly over the index, each excluded from its own answer. These rows
    /// do not influence the hyperplanes, so they are like new queries. <see cref="RecallEstimate.Exact"/> if the default effort is at least
    /// the number of rows; <see langword="null"/> if the forest is read from an Annoy file or has too few rows.
    /// </summary>
    public RecallEstimate? EstimatedRecall { get; }

    internal ForestTrees Trees => _trees;

    IndexKind IBuiltIndex.FileKind => IndexKind.Forest;

    RowStore IBuiltIndex.Store => _store;

    double? IBuiltIndex.TargetRecall => Tuning?.TargetRecall;

    /// <summary>Builds a forest of copies of the vectors.</summary>
    /// <param name="vectors">
    /// The vectors, row by row: each of <paramref name="dimensions"/> finite components with a Euclidean norm of at most 1e18. At
    /// least one norm is 1e-15 or more, unless all are 0 or the metric is cosine: smaller squares vanish. May be empty.
    /// </param>
    /// <param name="dimensions">The number of components of a vector; 1 to 65,536.</param>
    /// <param name="metric">The metric of all distances.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the completed share, 0 to 1, about a hundred times, in order, on the building threads.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    /// <returns>The forest.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values is not a multiple of <paramref name="dimensions"/>, a component is not finite (the message names row and
    /// column), the norm of a row is too large, all norms are too small, or the number of rows times trees exceeds 2³¹ - 1.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions, the metric or an option are out of range.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static RandomProjectionForest Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        RandomProjectionForestOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new RandomProjectionForestOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Trees ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeafSize ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxThreads, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TargetNeighbors, 1, nameof(options));
        if (options.TargetRecall is { } target && !(target is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), target, "The target recall must be above 0 and at most 1.");
        }

        RowStore store = RowStore.Build(vectors, dimensions, metric, options.MaxThreads, cancellationToken);
        try
        {
            return Grow(store, options, progress, cancellationToken);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The default effort is sixteen times the number of neighbors wanted times the number of trees, or follows <see cref="Tuning"/>. If a
    /// filter allows fewer rows than the effort, the search exhausts the forest and the answer is exact. It is also exact if the filter
    /// allows so few rows that scanning them is less work.
    /// </remarks>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SearchEffort, nameof(options));
        long effort = options.SearchEffort == 0 ? EffortFor(results.Length) : Math.Max(options.SearchEffort, results.Length);
        if (effort >= Count || (options.IsFiltered && IsFlatSearchFaster(effort, FilterSelectivity.Of(options, Count))))
        {
            return _store.Search(this, query, results, options);
        }

        ForestScratch scratch = _pool.Rent();
        try
        {
            using IndexMemory.Lease lease = _memory.Enter(this);
            _rows.StoreQuery(query, scratch.Query.Pointer);
            return results.IsEmpty ? 0 : ForestSearch.Run(_store, _trees, scratch, results, effort, options);
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default) =>
        _store.SearchRange(this, query, radius, options);

    /// <inheritdoc/>
    public Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        BatchSearch.Run(this, queries, count, options, cancellationToken);

    /// <inheritdoc/>
    public void GetVector(int id, Span<float> destination) => _rows.CopyVector(id, destination, this);

    /// <inheritdoc/>
    public void Save(string path) => _store.Save(this, path);

    IBuiltIndex IBuiltIndex.Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Grow(store, Options, progress, cancellationToken);

    /// <summary>Copies a tree with its hyperplanes in the space of the vectors.</summary>
    internal HyperplaneTree CopyTree(int tree)
    {
        using IndexMemory.Lease lease = _memory.Enter(this);
        return HyperplaneTrees.Read(_trees, _rows, _store.Codes, tree);
    }

    /// <summary>Frees the memory or closes the file after the running searches have ended.</summary>
    public void Dispose() => _memory.Dispose();

    private static RandomProjectionForest Grow(
        RowStore store, RandomProjectionForestOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        int trees = options.Trees ?? RandomProjectionForestOptions.DefaultTrees;
        if ((long)store.Rows.Count * trees > int.MaxValue)
        {
            throw new ArgumentException(
                $"{store.Rows.Count} rows times {trees} trees exceed {int.MaxValue}; expected fewer trees.", nameof(options));
        }

        (ForestTrees grown, RecallEstimate? recall) = new ForestBuilder(store, options, progress, cancellationToken).Build();
        return new RandomProjectionForest(store, grown, recall);
    }

    void IBuiltIndex.AddSections(IndexFileWriter writer)
    {
        ForestParameters parameters = _trees.Parameters;
        writer.Add(IndexSection.Parameters, parameters);
        writer.Add(IndexSection.Roots, _trees.Roots, _trees.Count);
        writer.Add(IndexSection.Nodes, _trees.Nodes, _trees.NodeCount);
        if (parameters.IsCoded == 1)
        {
            writer.Add(IndexSection.Normals, _trees.CodedNormals, (long)_trees.NormalCount * _store.Codes.Stride);
        }
        else
        {
            writer.Add(IndexSection.Normals, _trees.Normals, (long)_trees.NormalCount * _rows.Stride);
        }

        writer.Add(IndexSection.Leaves, _trees.Leaves, (long)_rows.Count * _trees.Count);
        writer.Add(IndexSection.Recall, new RecallParameters(EstimatedRecall));
    }

    /// <summary>The default effort of a search in a forest that is not tuned.</summary>
    internal static long DefaultEffortFor(int neighbors, int trees) => (long)DefaultEffort * neighbors * trees;

    /// <summary>The default effort of a search.</summary>
    private long EffortFor(int neighbors) => Tuning is null
        ? DefaultEffortFor(neighbors, _trees.Count)
        : (long)Tuning.SearchEffort * Math.Max(neighbors, Tuning.TargetNeighbors) / Tuning.TargetNeighbors;

    /// <summary>
    /// Whether an exact search is less work: to find enough rows of a small allowed share, the forest would visit more rows than that share
    /// has.
    /// </summary>
    private bool IsFlatSearchFaster(long effort, double share) => share * share * Count < effort;
}
