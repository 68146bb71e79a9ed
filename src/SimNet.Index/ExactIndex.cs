using System.Diagnostics.CodeAnalysis;

namespace SimNet.Index;

/// <summary>
/// Compares a query with every row: always right, and the oracle by which the other kinds are measured. Reads all vectors for
/// each search, so its time is that of the memory.
/// </summary>
public sealed unsafe class ExactIndex : IVectorIndex, IBuiltIndex
{
    private readonly IndexMemory _memory;
    private readonly VectorRows _rows;
    private readonly ExactScan _scan;
    private readonly ScratchPool<VectorBuffer> _pool;
    private readonly string? _path;

    internal ExactIndex(VectorRows rows, IndexMemory memory, string? path = null)
    {
        _rows = rows;
        _scan = new ExactScan(rows);
        _memory = memory;
        _path = path;
        _pool = new ScratchPool<VectorBuffer>(() => new VectorBuffer(rows.Stride));
    }

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <inheritdoc/>
    public int Dimensions => _rows.Dimensions;

    /// <inheritdoc/>
    public Metric Metric => _rows.Metric;

    /// <inheritdoc/>
    public string Kind => "exact";

    IndexKind IBuiltIndex.FileKind => IndexKind.Exact;

    VectorRows IBuiltIndex.Rows => _rows;

    IndexMemory IBuiltIndex.Memory => _memory;

    string? IBuiltIndex.Path => _path;

    /// <summary>Copies vectors into an index.</summary>
    /// <param name="vectors">Row after row, each of <paramref name="dimensions"/> finite numbers and a length of at most 1e18; may be empty.</param>
    /// <param name="dimensions">How many numbers a vector has, 1 to 65,536.</param>
    /// <param name="metric">What distances mean.</param>
    /// <exception cref="ArgumentException">
    /// The numbers are not whole rows, or one of them is not finite (the message names row and column) or a row is too long.
    /// </exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The index owns it.")]
    public static ExactIndex Build(ReadOnlySpan<float> vectors, int dimensions, Metric metric)
    {
        var memory = new IndexMemory();
        try
        {
            return new ExactIndex(VectorRows.Copy(vectors, dimensions, metric, memory, CancellationToken.None), memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SearchEffort, nameof(options));
        VectorBuffer buffer = _pool.Rent();
        try
        {
            using IndexMemory.Lease lease = _memory.Enter(this);
            _rows.StoreQuery(query, buffer.Pointer);
            return results.IsEmpty ? 0 : _scan.Search(buffer.Pointer, results, options);
        }
        finally
        {
            _pool.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default)
    {
        if (float.IsNaN(radius))
        {
            throw new ArgumentException("The radius is NaN; expected a number.", nameof(radius));
        }

        VectorBuffer buffer = _pool.Rent();
        try
        {
            using IndexMemory.Lease lease = _memory.Enter(this);
            _rows.StoreQuery(query, buffer.Pointer);
            return _scan.Range(buffer.Pointer, radius, options);
        }
        finally
        {
            _pool.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        BatchSearch.Run(this, queries, count, options, cancellationToken);

    /// <inheritdoc/>
    public void GetVector(int id, Span<float> destination) => _rows.CopyVector(id, destination, this);

    /// <inheritdoc/>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var writer = new IndexFileWriter(IndexKind.Exact, _rows);
        writer.Write(path, _path, _memory, this);
    }

    void IBuiltIndex.AddSections(IndexFileWriter writer)
    {
    }

    IBuiltIndex IBuiltIndex.Rebuild(VectorRows rows, IndexMemory memory, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(1);
        return new ExactIndex(rows, memory);
    }

    /// <summary>Frees the memory or closes the file; searches still running end first.</summary>
    public void Dispose() => _memory.Dispose();
}
