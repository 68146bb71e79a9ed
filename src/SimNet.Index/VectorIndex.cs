namespace SimNet.Index;

/// <summary>Opens index files of any kind.</summary>
public static class VectorIndex
{
    /// <summary>
    /// Maps a file that <see cref="IVectorIndex.Save"/> wrote. The file is not copied to memory, and must not be written to while it is
    /// open (replacing it as a whole, as Save does, is fine where the system allows it).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How far to trust it; null checks all of it.</param>
    /// <returns>An <see cref="ExactIndex"/> or <see cref="RandomProjectionForest"/>.</returns>
    /// <exception cref="IndexFormatException">The file is damaged, or not an index that this version reads; the message says where.</exception>
    /// <exception cref="IOException">There is no such file or folder, or it could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian; the file's numbers are not.</exception>
    public static IVectorIndex Open(string path, IndexOpenOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        IndexFileReader file = IndexFileReader.Open(path, options?.VerifyContents ?? true);
        try
        {
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
            return file.Kind == IndexKind.Exact ? new ExactIndex(store) : new RandomProjectionForest(store, ForestFile.Read(file, store.Codes));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
