namespace SimNet.Index;

/// <summary>
/// A set of vectors of equal dimension that supports nearest-neighbor search.
/// </summary>
/// <remarks>
/// Any number of threads may search an index at the same time. All indexes are immutable except <see cref="UpdatableIndex"/>.
/// <para>
/// The interface can be implemented outside this library. Such an index defines its own file format and its own way of opening a file:
/// <see cref="VectorIndex.Open"/> opens only this library's files, and <see cref="UpdatableIndex"/> wraps only this library's built
/// indexes.
/// </para>
/// </remarks>
public interface IVectorIndex : IDisposable
{
    /// <summary>
    /// The number of vectors. Their IDs are 0 to Count - 1 in the order in which they were given. Only in an <see cref="UpdatableIndex"/>
    /// do the IDs of removed vectors stay unused, so that IDs can be higher than that.
    /// </summary>
    int Count { get; }

    /// <summary>
    /// All IDs are less than this value, which makes it the capacity of a <see cref="RowSet"/> that can hold any of them. Equal to
    /// <see cref="Count"/> except in an <see cref="UpdatableIndex"/>.
    /// </summary>
    int IdLimit => Count;

    /// <summary>The number of components of a vector.</summary>
    int Dimensions { get; }

    /// <summary>The metric of all distances.</summary>
    Metric Metric { get; }

    /// <summary>
    /// The kind of index, as a word for logs and tables: <c>exact</c>, <c>forest</c> or <c>graph</c>, or one of these after
    /// <c>updatable-</c>. Other implementations use a word of their own.
    /// </summary>
    string Kind { get; }

    /// <summary>
    /// The recall with the default effort, measured when the index is built; <see cref="RecallEstimate.Exact"/> if searches are exact;
    /// <see langword="null"/> (the default) if it is not known.
    /// </summary>
    RecallEstimate? EstimatedRecall => null;

    /// <summary>
    /// Finds the rows nearest to <paramref name="query"/>, sorted by distance; equal distances are sorted by ID. A search allocates no
    /// managed memory once the calling thread's scratch buffers exist.
    /// </summary>
    /// <param name="query">
    /// The query vector: <see cref="Dimensions"/> finite components with a Euclidean norm of at most 1e18, and of 0 or at least 1e-15 if
    /// the metric is inner product.
    /// </param>
    /// <param name="results">Receives the neighbors, from the start. Its length is the number of neighbors wanted (k).</param>
    /// <param name="options">A filter and a search effort; none by default.</param>
    /// <returns>
    /// The number of neighbors found. It is less than k if the index, or the part of it that the filter allows, holds fewer rows. The
    /// contents of <paramref name="results"/> beyond this number are undefined.
    /// </returns>
    /// <exception cref="ArgumentException">The query has the wrong length, or a component is not finite or too large.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The search effort is negative.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default);

    /// <summary>
    /// Finds every row within <paramref name="radius"/> of <paramref name="query"/>, sorted by distance; equal distances are sorted by ID.
    /// The answer is exact for every kind of index of this library; the search reads at least a part of the code of every row.
    /// </summary>
    /// <param name="query">The query vector, as for <see cref="Search"/>.</param>
    /// <param name="radius">
    /// The largest distance, inclusive, in the index's <see cref="Metric"/>; not NaN. A radius below the metric's smallest distance finds
    /// nothing.
    /// </param>
    /// <param name="options">A filter; the search effort is ignored.</param>
    /// <returns>The rows found; empty if there are none.</returns>
    /// <exception cref="ArgumentException">
    /// The query has the wrong length, a component is not finite or too large, or the radius is NaN.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default);

    /// <summary>Searches for many queries on several threads. Each answer equals that of <see cref="Search"/>.</summary>
    /// <param name="queries">
    /// The queries, one after another, each of <see cref="Dimensions"/> finite components with a norm as in <see cref="Search"/>.
    /// </param>
    /// <param name="count">The number of neighbors wanted for each query (k); at least 0.</param>
    /// <param name="options">The options of each search and the number of threads; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    /// <returns>The neighbors of each query, sorted; fewer than k where there are fewer.</returns>
    /// <exception cref="ArgumentException">
    /// The number of values is not a multiple of <see cref="Dimensions"/>, or a component is not finite or too large; the message names the
    /// query.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The count, the search effort or the number of threads is negative.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Copies a stored vector. With <see cref="Metric.Cosine"/>, this is the original vector normalized to unit length (a zero vector stays
    /// zero); with the other metrics, it is the original vector.
    /// </summary>
    /// <param name="id">The ID of the vector.</param>
    /// <param name="destination">Receives the vector; its length is <see cref="Dimensions"/>.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The ID does not exist or is removed.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    void GetVector(int id, Span<float> destination);

    /// <summary>
    /// Saves the index to a file. The file is replaced atomically: the previous file stays until the new one is complete. The same index
    /// always gives the same bytes. <see cref="VectorIndex.Open"/> opens the files of this library's indexes.
    /// </summary>
    /// <param name="path">
    /// The file. Missing folders are created. It may be the file that this index is opened from, except on Windows, where a mapped file
    /// cannot be replaced.
    /// </param>
    /// <exception cref="IOException">The file cannot be written or replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    void Save(string path);
}
