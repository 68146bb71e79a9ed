namespace SimNet.Index;

/// <summary>
/// The rows added since an index was built, with numbers (ids) that follow one another, in blocks that never move. Immutable: one with a row
/// more shares the blocks and has written its row behind those that this one knows of.
/// </summary>
internal sealed unsafe class AddedRows
{
    /// <summary>A block takes 64 KB, or one row where that is larger.</summary>
    private const int ComponentsPerBlock = 1 << 14;

    private readonly Metric _metric;
    private readonly int _stride;
    private readonly int _rowsPerBlock;
    private readonly VectorBuffer[] _blocks;
    private readonly RemovedRows _removed;

    /// <summary>None so far.</summary>
    /// <param name="firstId">The number of the first to come.</param>
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

    /// <summary>How many were added, removed ones included.</summary>
    public int Count { get; }

    /// <summary>The number that the next one gets.</summary>
    public int IdLimit => FirstId + Count;

    public RemovedRows Removed => _removed;

    /// <summary>How many there are to be found.</summary>
    public int LiveCount => Count - _removed.Count;

    /// <summary>One row of those <see cref="Count"/>; valid as long as this object is reachable.</summary>
    public float* Row(int row) => _blocks[row / _rowsPerBlock].Pointer + ((long)(row % _rowsPerBlock) * _stride);

    public Span<float> Span(int row) => _blocks[row / _rowsPerBlock].Span.Slice(row % _rowsPerBlock * _stride, _stride);

    /// <summary>These and one more. Only for the newest of the objects that share blocks, by one thread at a time.</summary>
    /// <param name="vector">Checked here.</param>
    /// <param name="like">Rows of the same shape.</param>
    public AddedRows With(ReadOnlySpan<float> vector, VectorRows like)
    {
        VectorBuffer[] blocks = Room();
        var longer = new AddedRows(FirstId, _metric, _stride, blocks, Count + 1, _removed);
        like.StoreAdded(vector, longer.Row(Count));
        return longer;
    }

    /// <summary>These without one that is there.</summary>
    public AddedRows Without(int row) => new(FirstId, _metric, _stride, _blocks, Count, _removed.With(row));

    /// <summary>Those from a row on, copied to blocks of their own.</summary>
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

    /// <summary>Copies rows that are stored already.</summary>
    public static AddedRows Of(VectorRows stored, int firstId, RemovedRows removed)
    {
        var rows = new AddedRows(firstId, stored);
        for (int row = 0; row < stored.Count; row++)
        {
            rows = rows.WithStored(new ReadOnlySpan<float>(stored.Row(row), stored.Stride));
        }

        return new AddedRows(firstId, rows._metric, rows._stride, rows._blocks, rows.Count, removed);
    }

    /// <summary>Puts the nearest of these among the neighbours found so far, which are sorted and may fill the room.</summary>
    /// <param name="query">As the rows are stored.</param>
    /// <param name="results">The neighbours, and room for more.</param>
    /// <param name="found">How many neighbours there are.</param>
    /// <param name="options">Which numbers are allowed.</param>
    /// <returns>How many there are now, sorted.</returns>
    public int Search(float* query, Span<Neighbor> results, int found, in SearchOptions options) => _metric switch
    {
        Metric.Euclidean => Search<EuclideanDistance>(query, results, found, options),
        Metric.Cosine => Search<CosineDistance>(query, results, found, options),
        _ => Search<InnerProductDistance>(query, results, found, options),
    };

    /// <summary>Adds all of these within a distance, by number.</summary>
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
        // The heap grows at the start of the room where the neighbours lie: it has as many as were read, so it overwrites no other.
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
            if (!_removed.Contains(row) && options.Allows(FirstId + row) && TDistance.Compute(query, Row(row), _stride) is float distance && distance <= radius)
            {
                found.Add(new Neighbor(FirstId + row, distance));
            }
        }

        GC.KeepAlive(this);
    }

    private AddedRows WithStored(ReadOnlySpan<float> stored)
    {
        var longer = new AddedRows(FirstId, _metric, _stride, Room(), Count + 1, _removed);
        stored.CopyTo(longer.Span(Count));
        return longer;
    }

    /// <summary>The blocks with room for one row more.</summary>
    private VectorBuffer[] Room()
    {
        int block = Count / _rowsPerBlock;
        VectorBuffer[] blocks = _blocks;
        if (block == blocks.Length)
        {
            Array.Resize(ref blocks, Math.Max(4, 2 * block));
        }

        // Readers of the same array know of fewer rows and do not look here.
        blocks[block] ??= new VectorBuffer(_rowsPerBlock * _stride);
        return blocks;
    }
}
