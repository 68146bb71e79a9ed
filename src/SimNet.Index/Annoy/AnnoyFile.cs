using System.Diagnostics.CodeAnalysis;

namespace SimNet.Index;

/// <summary>
/// Reads and writes the index files of Annoy (<c>.ann</c>; Bernhardsson 2013), so that a catalog can move from it, or to it, without
/// growing its trees again.
/// </summary>
/// <remarks>
/// Annoy's metrics are <c>euclidean</c> (<see cref="Metric.Euclidean"/>), <c>angular</c> (<see cref="Metric.Cosine"/>) and <c>dot</c>
/// (<see cref="Metric.InnerProduct"/>); <c>manhattan</c> and <c>hamming</c> have no counterpart here. Its distances mean other things than
/// ours for two of them: d of <c>angular</c> is √(2·ours), d of <c>dot</c> is the product, −ours.
/// <para>
/// What is written is the form of Annoy 1.17.0 to 1.17.3, with which this is tested; older releases that have these metrics lay out nodes alike. For
/// <c>dot</c> the unreleased code after 1.17.3 has another form, which is told by its structure and read, but not written.
/// </para>
/// </remarks>
public static class AnnoyFile
{
    /// <summary>Reads a file that Annoy saved: a forest that searches the same trees for the same vectors. The file may then be deleted.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536: Annoy's <c>f</c>. The file does not say.</param>
    /// <param name="metric">What the file was built for, which it does not say either. For cosine the vectors are normalised.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>
    /// The forest, whose row numbers are Annoy's item numbers. If all items fit in one node of the file, as about <paramref name="dimensions"/> of them
    /// do, it has one tree, since Annoy's are then all the same. Of its options <see cref="RandomProjectionForestOptions.Seed"/> is not known
    /// and reads 0.
    /// </returns>
    /// <exception cref="IndexFormatException">
    /// The file is not one of Annoy's, of another metric or other dimensions, or damaged; the message names the node. Annoy's files
    /// have no checksum: a vector or plane with another finite number may pass for a good one. Or there are numbers for which no item was ever added:
    /// the other method of this name reads such files.
    /// </exception>
    /// <exception cref="IOException">There is no such file or folder, or it could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file's numbers are not.</exception>
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
            $"{items[^1] + 1 - items.Length} of {items[^1] + 1} item numbers, {missing} among them, were never added, so rows cannot have the items' numbers; "
            + "expected all, or the call that says which item each row is");
    }

    /// <summary>Reads a file that Annoy saved with any item numbers: those that were never added, which Annoy keeps room for, get no row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536.</param>
    /// <param name="metric">What the file was built for.</param>
    /// <param name="items">Receives Annoy's number of each row of the forest, ascending.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The forest.</returns>
    /// <exception cref="IndexFormatException">The file is not one of Annoy's, of another metric or other dimensions, or damaged.</exception>
    /// <exception cref="IOException">There is no such file or folder, or it could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file's numbers are not.</exception>
    [SuppressMessage("Design", "CA1021:Avoid out parameters", Justification = "Few need the numbers, and a type for them would hide the forest.")]
    public static RandomProjectionForest Read(
        string path, int dimensions, Metric metric, out int[] items, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (dimensions is < 1 or > VectorRows.MaxDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"A vector has 1 to {VectorRows.MaxDimensions} dimensions.");
        }

        if (metric is < Metric.Euclidean or > Metric.InnerProduct)
        {
            throw new ArgumentOutOfRangeException(nameof(metric), metric, "Not a metric.");
        }

        return AnnoyReader.Read(Path.GetFullPath(path), dimensions, metric, out items, cancellationToken);
    }

    /// <summary>
    /// Writes a forest as a file that Annoy loads, with its rows as items 0, 1, 2 and so on, and its trees. The file is replaced as a whole.
    /// </summary>
    /// <remarks>
    /// The size of a leaf is not ours to choose in such a file: a node of it holds up to about as many items as a vector has numbers. Smaller
    /// leaves are joined, larger ones grown on. For cosine Annoy gets the normalised vectors, which are the only ones there are.
    /// </remarks>
    /// <param name="forest">What to write.</param>
    /// <param name="path">Where to; Annoy's users know which number of dimensions and metric the file is of, so a name that says it helps.</param>
    /// <param name="cancellationToken">Ends the work; the old file then stays.</param>
    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be written.</exception>
    /// <exception cref="NotSupportedException">The forest takes more nodes than Annoy can count.</exception>
    /// <exception cref="ObjectDisposedException">The forest was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file's numbers are not.</exception>
    public static void Write(RandomProjectionForest forest, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(forest);
        ArgumentException.ThrowIfNullOrEmpty(path);
        IndexFileHeader.RequireLittleEndian();
        AtomicFile.Write(path, stream => new AnnoyWriter(forest, stream, cancellationToken).Write());
    }
}
