using System.Diagnostics.CodeAnalysis;

namespace SimNet.Index;

/// <summary>
/// What every kind of index has beside its own structure: the rows, their codes, the memory that both lie in, and exact search over them.
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

    /// <summary>The file that the memory maps, or null.</summary>
    public string? Path { get; }

    public FlatSearch FlatSearch { get; }

    /// <summary>Checks and copies vectors, and codes them.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The store owns it.")]
    public static RowStore Build(ReadOnlySpan<float> vectors, int dimensions, Metric metric, int maxThreads, CancellationToken cancellationToken)
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

    /// <summary>Codes rows that lie in this memory, which the store owns from here on if this succeeds.</summary>
    public static RowStore Build(VectorRows rows, IndexMemory memory, int maxThreads, CancellationToken cancellationToken) =>
        new(rows, ScalarQuantizedCodes.Build(rows, memory, Parallelism(maxThreads, cancellationToken)), memory, path: null);

    /// <summary>The rows and codes of a file, which the store owns from here on, whether this succeeds or not.</summary>
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

    /// <summary>Writes the file of an index that stands on this store.</summary>
    public void Save(IBuiltIndex index, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var writer = new IndexFileWriter(index.FileKind, Rows);
        index.AddSections(writer);
        Write(writer, path, index);
    }

    /// <summary>Writes an index file: what the index has added to the writer, the codes and the rows.</summary>
    public void Write(IndexFileWriter writer, string path, IVectorIndex owner)
    {
        Codes.Write(writer);
        writer.Write(path, Path, Memory, owner);
    }

    public void Dispose() => Memory.Dispose();

    private unsafe void Store(ReadOnlySpan<float> query, FlatSearchScratch scratch) => Rows.StoreQuery(query, scratch.Query.Pointer);
}
