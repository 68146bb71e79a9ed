namespace SimNet.Index;

/// <summary>
/// Vectors of one length that can be asked for the nearest to another. Searches may run on any number of threads at once. Immutable, but for
/// <see cref="UpdatableIndex"/>.
/// </summary>
public interface IVectorIndex : IDisposable
{
    /// <summary>
    /// How many vectors there are. They are rows numbered 0 to Count − 1 in the order they were given; only in an <see cref="UpdatableIndex"/>
    /// do numbers (ids) of removed ones stay unused, so that there may be higher ones.
    /// </summary>
    int Count { get; }

    /// <summary>All rows' numbers are below this: the capacity of a <see cref="RowSet"/> that can hold any of them. <see cref="Count"/>, but for an <see cref="UpdatableIndex"/>.</summary>
    int IdLimit => Count;

    /// <summary>How many numbers a vector has.</summary>
    int Dimensions { get; }

    /// <summary>What the distances mean.</summary>
    Metric Metric { get; }

    /// <summary>The kind of index, as a word for logs and tables: <c>exact</c>, <c>forest</c> or <c>graph</c>, or one of these after <c>updatable-</c>.</summary>
    string Kind { get; }

    /// <summary>
    /// Finds the rows nearest to <paramref name="query"/>, sorted by distance, equal distances by row number.
    /// Takes no managed memory once a thread's worth of scratch space exists.
    /// </summary>
    /// <param name="query">The vector to look for, of <see cref="Dimensions"/> finite numbers and a length of at most 1e18.</param>
    /// <param name="results">Filled from the start; its length is how many neighbours are asked for.</param>
    /// <param name="options">A filter and an effort; none by default.</param>
    /// <returns>
    /// How many were found: fewer than asked for where the index, or what the filter allows of it, holds fewer. The rest of
    /// <paramref name="results"/> is not to be read.
    /// </returns>
    /// <exception cref="ArgumentException">The query has the wrong length, or a number in it is not finite or too large.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The effort is negative.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default);

    /// <summary>
    /// Finds every row that is no farther from <paramref name="query"/> than <paramref name="radius"/>, sorted by distance, equal distances by
    /// row number. Every kind of index answers exactly: it reads something of every row.
    /// </summary>
    /// <param name="query">As for <see cref="Search"/>.</param>
    /// <param name="radius">The largest distance, in the index's <see cref="Metric"/>; not NaN. Less than the metric's smallest finds nothing.</param>
    /// <param name="options">A filter; the effort is ignored.</param>
    /// <exception cref="ArgumentException">The query has the wrong length, or a number in it is not finite or too large, or the radius is NaN.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default);

    /// <summary>Answers many queries on all cores, each as <see cref="Search"/> answers it.</summary>
    /// <param name="queries">Query after query, each of <see cref="Dimensions"/> finite numbers and a length of at most 1e18.</param>
    /// <param name="count">How many neighbours are asked for, at least 0.</param>
    /// <param name="options">What each search is told, and how many threads may search; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    /// <returns>For each query its neighbours, sorted; fewer than asked for where there are fewer.</returns>
    /// <exception cref="ArgumentException">The numbers are not whole queries, or one of them is not finite or too large; the message names the query.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count, the effort or the number of threads is negative.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Copies a stored vector. For <see cref="Metric.Cosine"/> it is the given vector normalised to length one
    /// (a zero vector stays zero); for the other metrics it is the given vector.
    /// </summary>
    /// <param name="id">The row's number.</param>
    /// <param name="destination">Filled; of <see cref="Dimensions"/> values.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row, or it was removed.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    void GetVector(int id, Span<float> destination);

    /// <summary>
    /// Writes the index to a file for <see cref="VectorIndex.Open"/>, as a whole: the old file stays until the new one is complete.
    /// The same index gives the same bytes.
    /// </summary>
    /// <param name="path">
    /// Where to; missing folders are made. May be the file that this index was opened from, except on Windows, which does not let
    /// a mapped file be replaced.
    /// </param>
    /// <exception cref="IOException">The file could not be written or replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    void Save(string path);
}
