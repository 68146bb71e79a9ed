namespace SimNet.Index;

/// <summary>Builds the fastest kind of index for given vectors, and opens index files of any kind.</summary>
public static class VectorIndex
{
    /// <summary>
    /// The largest number of rows for which <see cref="Build"/> chooses an exact index, which is then faster than a graph. Measured with
    /// embeddings of product images of 64 to 512 dimensions, one query at a time (docs/performance.md).
    /// </summary>
    public const int ExactLimit = 5000;

    /// <summary>
    /// Builds an <see cref="ExactIndex"/> for up to <see cref="ExactLimit"/> rows and a <see cref="NeighborGraph"/> for more. If the graph
    /// reaches <see cref="NeighborGraphOptions.TargetRecall"/> only with more work than a scan of all rows, the index is exact too.
    /// </summary>
    /// <param name="vectors">
    /// The vectors, row by row: each of <paramref name="dimensions"/> finite components with a Euclidean norm of at most 1e18. At
    /// least one norm is 1e-15 or more, unless all are 0 or the metric is cosine: smaller squares vanish. May be empty.
    /// </param>
    /// <param name="dimensions">The number of components of a vector; 1 to 65,536.</param>
    /// <param name="metric">The metric of all distances.</param>
    /// <param name="options">The options for a graph; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the completed share of building a graph; 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values is not a multiple of <paramref name="dimensions"/>, a component is not finite (the message names row and
    /// column), the norm of a row is too large, or all norms are too small.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions, the metric or an option are out of range.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static IVectorIndex Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        NeighborGraphOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (dimensions <= 0 || vectors.Length / dimensions <= ExactLimit)
        {
            return ExactIndex.Build(vectors, dimensions, metric, options?.MaxThreads ?? 0, cancellationToken);
        }

        NeighborGraph graph = NeighborGraph.Build(vectors, dimensions, metric, options, progress, cancellationToken);
        if (graph.EstimatedRecall != RecallEstimate.Exact)
        {
            return graph;
        }

        // Without the links.
        graph.Dispose();
        return ExactIndex.Build(vectors, dimensions, metric, options?.MaxThreads ?? 0, cancellationToken);
    }

    /// <summary>
    /// Opens a file written by <see cref="IVectorIndex.Save"/> by mapping it into memory. The file must not be modified while the index is
    /// open. Replacing it as a whole, as Save does, is safe where the operating system allows it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How much of the file to verify; <see langword="null"/> verifies all of it.</param>
    /// <returns>
    /// An <see cref="ExactIndex"/>, a <see cref="RandomProjectionForest"/>, a <see cref="NeighborGraph"/> or an
    /// <see cref="UpdatableIndex"/>.
    /// </returns>
    /// <exception cref="IndexFormatException">
    /// The file is damaged or is not an index that this version can read; the message names the part of the file.
    /// </exception>
    /// <exception cref="IOException">The file or folder does not exist, or the file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; index files are little-endian.</exception>
    public static IVectorIndex Open(string path, IndexOpenOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        IndexFileReader file = IndexFileReader.Open(path, options?.VerifyContents ?? true);
        Func<IBuiltIndex, IVectorIndex>? wrap = null;
        try
        {
            if (file.Kind == IndexKind.Updatable)
            {
                wrap = UpdatableFile.Unwrap(file);
            }

            file.RequireSections(file.Kind);
        }
        catch
        {
            file.Memory.Dispose();
            throw;
        }

        RowStore store = RowStore.Read(file);
        try
        {
            IBuiltIndex built = file.Kind switch
            {
                IndexKind.Exact => new ExactIndex(store),
                IndexKind.Forest => new RandomProjectionForest(store, ForestFile.Read(file, store.Codes), RecallParameters.Read(file)),
                _ => new NeighborGraph(store, GraphFile.Read(file, store), RecallParameters.Read(file)),
            };
            return wrap is null ? built : wrap(built);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
