namespace SimNet.Index;

/// <summary>
/// The rows added since the index was built, with consecutive IDs, in blocks that never move. Immutable: an instance with one more row
/// shares the blocks and stores its row after those that this instance contains.
/// </summary>
internal sealed unsafe class AddedRows
{
    /// <summary>The size of a block: 64 KB, or one row if that is larger.</summary>
    private const int ComponentsPerBlock = 1 << 14;

    private readonly Metric _metric;
    private readonly int _stride;
    private readonly int _rowsPerBlock;
    private readonly VectorBuffer[] _blocks;
    private readonly RemovedRows _removed;

    /// <summary>Creates an empty instance.</summary>
    /// <param name="firstId">The ID of the first row to be added.</param>
    /// <param name="like">Rows of the same shape.</param>
    public AddedRows(int firstId, VectorRows like)
        : this(firstId, like.Metric, like.Stride, [], 0, RemovedRows.None)
    {
    }

    private AddedRows(int firstId, Metric metric, int stride, VectorBuffer[] blocks, int count, RemovedRows removed)
    {
        FirstId = firstId;
        _metric = metric;
        _stride = stride;
        _rowsPerBlock = Math.Max(1, ComponentsPerBlock / stride);
        _blocks = blocks;
        Count = count;
        _removed = removed;
    }

    public int FirstId { get; }

    /// <summary>The number of rows added, including removed ones.</summary>
    public int Count { get; }

    /// <summary>The ID of the next row to be added.</summary>
    public int IdLimit => FirstId + Count;

    public RemovedRows Removed => _removed;

    /// <summary>The number of rows that are not removed.</summary>
    public int LiveCount => Count - _removed.Count;

    /// <summary>A row with a position below <see cref="Count"/>; valid while this object is reachable.</summary>
    public float* Row(int row) => _blocks[row / _rowsPerBlock].Pointer + ((long)(row % _rowsPerBlock) * _stride);

    public Span<float> Span(int row) => _blocks[row / _rowsPerBlock].Span.Slice(row % _rowsPerBlock * _stride, _stride);

    /// <summary>
    /// Returns an instance with one more row. To be called only on the newest of the instances that share blocks, by one thread at a time.
    /// </summary>
    /// <param name="vector">The vector, which is validated.</param>
    /// <param name="like">Rows of the same shape.</param>
    public AddedRows With(ReadOnlySpan<float> vector, VectorRows like)
    {
        VectorBuffer[] blocks = ReserveRow();
        var longer = new AddedRows(FirstId, _metric, _stride, blocks, Count + 1, _removed);
        like.StoreAdded(vector, longer.Row(Count));
        return longer;
    }

    /// <summary>Returns an instance without an existing row.</summary>
    public AddedRows Without(int row) => new(FirstId, _metric, _stride, _blocks, Count, _removed.With(row));

    /// <summary>Returns the rows from a position on, copied to separate blocks.</summary>
    public AddedRows From(int start)
    {
        var rest = new AddedRows(FirstId + start, _metric, _stride, [], 0, RemovedRows.None);
        for (int row = start; row < Count; row++)
        {
            rest = rest.WithStored(Span(row));
            rest = _removed.Contains(row) ? rest.Without(row - start) : rest;
        }

        return rest;
    }

    /// <summary>Copies rows that are already in stored form.</summary>
    public static AddedRows Of(VectorRows stored, int firstId, RemovedRows removed)
    {
        var rows = new AddedRows(firstId, stored);
        for (int row = 0; row < stored.Count; row++)
        {
            rows = rows.WithStored(new ReadOnlySpan<float>(stored.Row(row), stored.Stride));
        }

        return new AddedRows(firstId, rows._metric, rows._stride, rows._blocks, rows.Count, removed);
    }

    /// <summary>Merges the nearest of these rows into sorted neighbors.</summary>
    /// <param name="query">The query in the form of the rows.</param>
    /// <param name="results">The neighbors, with space for as many as are wanted.</param>
    /// <param name="found">The number of neighbors.</param>
    /// <param name="options">The allowed IDs.</param>
    /// <returns>The new number of neighbors, sorted.</returns>
    public int Search(float* query, Span<Neighbor> results, int found, in SearchOptions options) => _metric switch
    {
        Metric.Euclidean => Search<EuclideanDistance>(query, results, found, options),
        Metric.Cosine => Search<CosineDistance>(query, results, found, options),
        _ => Search<InnerProductDistance>(query, results, found, options),
    };

    /// <summary>Appends all rows within a radius, in order of their IDs.</summary>
    public void Range(float* query, float radius, List<Neighbor> found, in SearchOptions options)
    {
        switch (_metric)
        {
            case Metric.Euclidean:
                Range<EuclideanDistance>(query, radius, found, options);
                break;
            case Metric.Cosine:
                Range<CosineDistance>(query, radius, found, options);
                break;
            default:
                Range<InnerProductDistance>(query, radius, found, options);
                break;
        }
    }

    private int Search<TDistance>(float* query, Span<Neighbor> results, int found, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        // The heap grows over the neighbors that are read: it never has more items than are read, so it overwrites none of the others.
        var nearest = new NeighborHeap(results);
        for (int i = 0; i < found; i++)
        {
            nearest.Offer(results[i].Id, results[i].Distance);
        }

        for (int start = 0; start < Count; start += _rowsPerBlock)
        {
            float* vector = Row(start);
            int end = Math.Min(Count, start + _rowsPerBlock);
            for (int row = start; row < end; row++, vector += _stride)
            {
                if (!_removed.Contains(row) && options.Allows(FirstId + row))
                {
                    nearest.Offer(FirstId + row, TDistance.Compute(query, vector, _stride));
                }
            }
        }

        GC.KeepAlive(this);
        return nearest.Sort();
    }

    private void Range<TDistance>(float* query, float radius, List<Neighbor> found, in SearchOptions options)
        where TDistance : struct, IDistance
    {
        for (int row = 0; row < Count; row++)
        {
            if (!_removed.Contains(row) && options.Allows(FirstId + row)
                && TDistance.Compute(query, Row(row), _stride) is float distance && distance <= radius)
            {
                found.Add(new Neighbor(FirstId + row, distance));
            }
        }

        GC.KeepAlive(this);
    }

    private AddedRows WithStored(ReadOnlySpan<float> stored)
    {
        var longer = new AddedRows(FirstId, _metric, _stride, ReserveRow(), Count + 1, _removed);
        stored.CopyTo(longer.Span(Count));
        return longer;
    }

    /// <summary>Returns the blocks with space for one more row.</summary>
    private VectorBuffer[] ReserveRow()
    {
        int block = Count / _rowsPerBlock;
        VectorBuffer[] blocks = _blocks;
        if (block == blocks.Length)
        {
            Array.Resize(ref blocks, Math.Max(4, 2 * block));
        }

        // Readers of the same array have fewer rows and do not access this block.
        blocks[block] ??= new VectorBuffer(_rowsPerBlock * _stride);
        return blocks;
    }
}
