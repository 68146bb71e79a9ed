namespace SimNet.Index;

/// <summary>
/// Approximate search with a forest of random-projection trees (Annoy; Bernhardsson 2013), as the e-SimNet paper uses it: each tree
/// cuts space in two again and again by the plane between two random rows; a search goes down all trees at once,
/// nearest regions first, and compares the query with the rows it finds there.
/// </summary>
/// <remarks>
/// What differs from the paper: planes lie in the space of the rows' 8-bit codes (their projection on the directions in which they vary most), rows found are ranked
/// by codes, and only the best of them are compared number by number. Distances returned are exact.
/// For cosine the planes lie between normalised rows. For the inner product rows are lifted to a sphere by one coordinate more, where the
/// largest product is the smallest angle. Takes, beyond the vectors and codes, four bytes a row and tree and about one code for each
/// <c>LeafSize</c> / 1.5 rows and tree.
/// <para>
/// Measured on Fashion-MNIST (60,000 rows of 784 numbers, Euclidean, 10 trees, 10 neighbours): recall 0.983 at the default effort of
/// 1,000; 0.941 at 500 and 0.997 at 2,000.
/// </para>
/// </remarks>
public sealed unsafe class RandomProjectionForest : IVectorIndex, IBuiltIndex
{
    /// <summary>Candidates per neighbour and tree. Annoy's habit is one, which misses a third of the neighbours in many dimensions.</summary>
    private const int DefaultEffort = 10;

    private readonly RowStore _store;
    private readonly IndexMemory _memory;
    private readonly VectorRows _rows;
    private readonly ForestTrees _trees;
    private readonly ScratchPool<ForestScratch> _pool;

    internal RandomProjectionForest(RowStore store, ForestTrees trees)
    {
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

    /// <summary>What the forest was grown with; <see cref="RandomProjectionForestOptions.MaxThreads"/>, which leaves no trace in it, reads 0.</summary>
    public RandomProjectionForestOptions Options { get; }

    /// <summary>What <see cref="RandomProjectionForestOptions.TargetRecall"/> chose and measured; null without it.</summary>
    public ForestTuning? Tuning { get; }

    internal ForestTrees Trees => _trees;

    IndexKind IBuiltIndex.FileKind => IndexKind.Forest;

    RowStore IBuiltIndex.Store => _store;

    /// <summary>Copies vectors and grows the trees.</summary>
    /// <param name="vectors">Row after row, each of <paramref name="dimensions"/> finite numbers and a length of at most 1e18; may be empty.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536.</param>
    /// <param name="metric">What distances mean.</param>
    /// <param name="options">How to grow the forest; null for the defaults.</param>
    /// <param name="progress">Told the share done, 0 to 1, about a hundred times, in order, by whichever thread got there.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    /// <exception cref="ArgumentException">
    /// The numbers are not whole rows, or one of them is not finite (the message names row and column), or a row is too long, or there are
    /// more than 2³¹ − 1 rows times trees.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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
    /// The default effort is ten times the number of neighbours asked for times the number of trees, or what <see cref="Tuning"/> says. A
    /// filter that allows fewer rows than the effort makes the search exhaust the forest: its answer is then exact. So it is where
    /// what is allowed is so little that going through all of it is less work.
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

    /// <summary>One of the trees with its planes in the vectors' own space.</summary>
    internal HyperplaneTree CopyTree(int tree)
    {
        using IndexMemory.Lease lease = _memory.Enter(this);
        return HyperplaneTrees.Read(_trees, _rows, _store.Codes, tree);
    }

    /// <summary>Frees the memory or closes the file; searches still running end first.</summary>
    public void Dispose() => _memory.Dispose();

    private static RandomProjectionForest Grow(
        RowStore store, RandomProjectionForestOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        int trees = options.Trees ?? RandomProjectionForestOptions.DefaultTrees;
        if ((long)store.Rows.Count * trees > int.MaxValue)
        {
            throw new ArgumentException(
                $"{store.Rows.Count} rows times {trees} trees are more than {int.MaxValue}; expected fewer trees.", nameof(options));
        }

        return new RandomProjectionForest(store, new ForestBuilder(store, options, progress, cancellationToken).Build());
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
    }

    /// <summary>The effort of a search that is not told one.</summary>
    private long EffortFor(int neighbors) => Tuning is null
        ? (long)DefaultEffort * neighbors * _trees.Count
        : (long)Tuning.SearchEffort * Math.Max(neighbors, Tuning.TargetNeighbors) / Tuning.TargetNeighbors;

    /// <summary>Whether an exact search costs less: to find enough of a small share of the rows the forest has to meet more of them than it has.</summary>
    private bool IsFlatSearchFaster(long effort, double share) => share * share * Count < effort;
}
