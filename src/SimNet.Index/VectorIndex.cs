namespace SimNet.Index;

/// <summary>Builds the kind of index that is fastest for so many vectors, and opens index files of any kind.</summary>
public static class VectorIndex
{
    /// <summary>
    /// Up to so many rows <see cref="Build"/> chooses the exact index, which is then the faster one: measured on embeddings of product pictures of 64 to 512
    /// dimensions, one query at a time (docs/performance.md of the project).
    /// </summary>
    public const int ExactLimit = 5000;

    /// <summary>Builds an <see cref="ExactIndex"/> of up to <see cref="ExactLimit"/> rows and a <see cref="NeighborGraph"/> of more.</summary>
    /// <param name="vectors">Row after row, each of <paramref name="dimensions"/> finite numbers and a length of at most 1e18; may be empty.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536.</param>
    /// <param name="metric">What distances mean.</param>
    /// <param name="options">How to build a graph, if it is to be one; null for the defaults.</param>
    /// <param name="progress">Told the share done, 0 to 1, of a graph.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    /// <exception cref="ArgumentException">
    /// The numbers are not whole rows, or one of them is not finite (the message names row and column) or a row is too long.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IVectorIndex Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        NeighborGraphOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default) => dimensions > 0 && vectors.Length / dimensions > ExactLimit
            ? NeighborGraph.Build(vectors, dimensions, metric, options, progress, cancellationToken)
            : ExactIndex.Build(vectors, dimensions, metric, options?.MaxThreads ?? 0, cancellationToken);

    /// <summary>
    /// Maps a file that <see cref="IVectorIndex.Save"/> wrote. The file is not copied to memory, and must not be written to while it is
    /// open (replacing it as a whole, as Save does, is fine where the system allows it).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How far to trust it; null checks all of it.</param>
    /// <returns>An <see cref="ExactIndex"/>, a <see cref="RandomProjectionForest"/>, a <see cref="NeighborGraph"/> or an <see cref="UpdatableIndex"/>.</returns>
    /// <exception cref="IndexFormatException">The file is damaged, or not an index that this version reads; the message says where.</exception>
    /// <exception cref="IOException">There is no such file or folder, or it could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file's numbers are not.</exception>
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
                IndexKind.Forest => new RandomProjectionForest(store, ForestFile.Read(file, store.Codes)),
                _ => new NeighborGraph(store, GraphFile.Read(file, store.Codes)),
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
