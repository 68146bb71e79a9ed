using System.Diagnostics.CodeAnalysis;

namespace SimNet.Index;

/// <summary>
/// Reads and writes the index files of Annoy (<c>.ann</c>; Bernhardsson 2013), so that a catalog can move from Annoy or to it without
/// rebuilding its trees.
/// </summary>
/// <remarks>
/// Annoy's metrics are <c>euclidean</c> (<see cref="Metric.Euclidean"/>), <c>angular</c> (<see cref="Metric.Cosine"/>) and <c>dot</c>
/// (<see cref="Metric.InnerProduct"/>); <c>manhattan</c> and <c>hamming</c> are not supported. Two of its distances are defined
/// differently: for a distance d of this library, the <c>angular</c> distance is √(2d), and the <c>dot</c> distance is -d, the product
/// itself.
/// <para>
/// Files are written in the format of Annoy 1.17.0 to 1.17.3, which the tests cover. Older releases with these metrics use the same node
/// layouts. For <c>dot</c>, the unreleased code after 1.17.3 uses another layout, which is detected and read but not written.
/// </para>
/// </remarks>
public static class AnnoyFile
{
    /// <summary>
    /// Reads a file saved by Annoy. The resulting forest searches the same trees for the same vectors. The file is not needed afterwards.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">
    /// The number of components of a vector (Annoy's <c>f</c>), which the file does not state; 1 to 65,536.
    /// </param>
    /// <param name="metric">The metric of the index, which the file does not state. For cosine, the vectors are normalized.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>
    /// The forest, whose IDs are Annoy's item numbers. If all items fit into one node of the file (about <paramref name="dimensions"/>
    /// items), the forest has one tree, because all of Annoy's trees are then equal. The option
    /// <see cref="RandomProjectionForestOptions.Seed"/> is unknown and 0.
    /// </returns>
    /// <exception cref="IndexFormatException">
    /// The file is not an Annoy file, has another metric or number of dimensions, or is damaged; the message names the node. Annoy's files
    /// have no checksum: a vector or hyperplane altered to other finite values may go undetected. Also thrown if there are item numbers
    /// without an item; the overload with an item list reads such files.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions or the metric are out of range.</exception>
    /// <exception cref="IOException">The file or folder does not exist, or the file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file is little-endian.</exception>
    public static RandomProjectionForest Read(string path, int dimensions, Metric metric, CancellationToken cancellationToken = default)
    {
        RandomProjectionForest forest = Read(path, dimensions, metric, out int[] items, cancellationToken);
        if (items.Length == 0 || items[^1] == items.Length - 1)
        {
            return forest;
        }

        forest.Dispose();
        int missing = items.Where((item, row) => item != row).First() - 1;
        throw new IndexFormatException(
            Path.GetFullPath(path),
            "items",
            $"{items[^1] + 1 - items.Length} of {items[^1] + 1} item numbers, including {missing}, have no item, "
            + "so row IDs cannot equal item numbers; use the overload with an item list");
    }

    /// <summary>
    /// Reads a file saved by Annoy with any item numbers. Item numbers without an item, for which Annoy reserves nodes, get no row.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">The number of components of a vector; 1 to 65,536.</param>
    /// <param name="metric">The metric of the index.</param>
    /// <param name="items">Receives Annoy's item number of each row of the forest, ascending.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The forest.</returns>
    /// <exception cref="IndexFormatException">
    /// The file is not an Annoy file, has another metric or number of dimensions, or is damaged.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions or the metric are out of range.</exception>
    /// <exception cref="IOException">The file or folder does not exist, or the file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file is little-endian.</exception>
    [SuppressMessage("Design", "CA1021:Avoid out parameters", Justification = "The item list is rarely needed.")]
    public static RandomProjectionForest Read(
        string path, int dimensions, Metric metric, out int[] items, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (dimensions is < 1 or > VectorRows.MaxDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"Expected 1 to {VectorRows.MaxDimensions} dimensions.");
        }

        if (metric is < Metric.Euclidean or > Metric.InnerProduct)
        {
            throw new ArgumentOutOfRangeException(nameof(metric), metric, "Expected one of the defined metrics.");
        }

        return AnnoyReader.Read(Path.GetFullPath(path), dimensions, metric, out items, cancellationToken);
    }

    /// <summary>
    /// Writes a forest as a file that Annoy can load: its rows as the items 0, 1, 2 and so on, and its trees. The file is replaced
    /// atomically.
    /// </summary>
    /// <remarks>
    /// Annoy's format determines the leaf size: a node holds about as many items as a vector has components. Smaller leaves are merged, and
    /// larger leaves are split further. For cosine, the file contains the normalized vectors, which are the only ones that the index
    /// stores.
    /// </remarks>
    /// <param name="forest">The forest.</param>
    /// <param name="path">The file. Annoy files do not state their dimensions or metric, so a name that does is helpful.</param>
    /// <param name="cancellationToken">Cancels the work; the previous file is kept.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="NotSupportedException">The forest requires more nodes than Annoy supports.</exception>
    /// <exception cref="ObjectDisposedException">The forest is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file is little-endian.</exception>
    public static void Write(RandomProjectionForest forest, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(forest);
        ArgumentException.ThrowIfNullOrEmpty(path);
        IndexFileHeader.RequireLittleEndian();
        AtomicFile.Write(path, stream => new AnnoyWriter(forest, stream, cancellationToken).Write());
    }
}
