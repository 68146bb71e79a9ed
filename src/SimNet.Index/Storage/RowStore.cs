using System.Diagnostics.CodeAnalysis;

namespace SimNet.Index;

/// <summary>
/// The part that every kind of index shares: the rows, their codes, the memory of both, and exact search over them.
/// </summary>
internal sealed class RowStore : IDisposable
{
    private readonly ScratchPool<FlatSearchScratch> _pool;

    private RowStore(VectorRows rows, ScalarQuantizedCodes codes, IndexMemory memory, string? path)
    {
        Rows = rows;
        Codes = codes;
        Memory = memory;
        Path = path;
        FlatSearch = new FlatSearch(rows, codes);
        _pool = new ScratchPool<FlatSearchScratch>(() => new FlatSearchScratch(rows, codes));
    }

    public VectorRows Rows { get; }

    public ScalarQuantizedCodes Codes { get; }

    public IndexMemory Memory { get; }

    /// <summary>The file that the memory maps, or <see langword="null"/>.</summary>
    public string? Path { get; }

    public FlatSearch FlatSearch { get; }

    /// <summary>Checks, copies and encodes vectors.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The store owns it.")]
    public static RowStore Build(
        ReadOnlySpan<float> vectors, int dimensions, Metric metric, int maxThreads, CancellationToken cancellationToken)
    {
        var memory = new IndexMemory();
        try
        {
            return Build(VectorRows.Copy(vectors, dimensions, metric, memory, cancellationToken), memory, maxThreads, cancellationToken);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Encodes rows that lie in this memory. If this method succeeds, the store owns the memory.</summary>
    public static RowStore Build(VectorRows rows, IndexMemory memory, int maxThreads, CancellationToken cancellationToken) =>
        new(rows, ScalarQuantizedCodes.Build(rows, memory, Parallelism(maxThreads, cancellationToken)), memory, path: null);

    /// <summary>Reads the rows and codes of a file. The store owns the file's memory, which is freed if this method throws.</summary>
    public static RowStore Read(IndexFileReader file)
    {
        try
        {
            return new RowStore(file.Rows(), ScalarQuantizedCodes.Read(file), file.Memory, file.Path);
        }
        catch
        {
            file.Memory.Dispose();
            throw;
        }
    }

    public static ParallelOptions Parallelism(int maxThreads, CancellationToken cancellationToken) => new()
    {
        MaxDegreeOfParallelism = maxThreads == 0 ? Environment.ProcessorCount : maxThreads,
        CancellationToken = cancellationToken,
    };

    /// <summary>The exact answer to <see cref="IVectorIndex.Search"/>.</summary>
    public int Search(IVectorIndex owner, ReadOnlySpan<float> query, Span<Neighbor> results, in SearchOptions options)
    {
        FlatSearchScratch scratch = _pool.Rent();
        try
        {
            using IndexMemory.Lease lease = Memory.Enter(owner);
            Store(query, scratch);
            return results.IsEmpty ? 0 : FlatSearch.Search(scratch, results, options);
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    /// <summary>The answer to <see cref="IVectorIndex.SearchRange"/>.</summary>
    public Neighbor[] SearchRange(IVectorIndex owner, ReadOnlySpan<float> query, float radius, in SearchOptions options)
    {
        if (float.IsNaN(radius))
        {
            throw new ArgumentException("The radius is NaN; expected a number.", nameof(radius));
        }

        FlatSearchScratch scratch = _pool.Rent();
        try
        {
            using IndexMemory.Lease lease = Memory.Enter(owner);
            Store(query, scratch);
            return FlatSearch.Range(scratch, radius, options);
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    /// <summary>Saves an index that is based on this store.</summary>
    public void Save(IBuiltIndex index, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var writer = new IndexFileWriter(index.FileKind, Rows);
        index.AddSections(writer);
        Write(writer, path, index);
    }

    /// <summary>Writes an index file: the sections added to the writer, the codes and the rows.</summary>
    public void Write(IndexFileWriter writer, string path, IVectorIndex owner)
    {
        Codes.Write(writer);
        writer.Write(path, Path, Memory, owner);
    }

    public void Dispose() => Memory.Dispose();

    private unsafe void Store(ReadOnlySpan<float> query, FlatSearchScratch scratch) => Rows.StoreQuery(query, scratch.Query.Pointer);
}
