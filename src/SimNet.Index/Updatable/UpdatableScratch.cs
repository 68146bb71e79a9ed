namespace SimNet.Index;

/// <summary>The buffers of one search of an <see cref="UpdatableIndex"/>, and the filter for the built index.</summary>
internal sealed class UpdatableScratch
{
    /// <summary>
    /// A set of IDs is translated to rows if it has at most one ID per this many rows; larger sets cost as much as they save.
    /// </summary>
    private const int RowsPerTranslatedId = 32;

    private readonly Func<int, bool> _allows;
    private UpdatableState? _state;
    private SearchOptions _options;
    private RowSet? _rows;

    public UpdatableScratch(int stride)
    {
        Query = new VectorBuffer(stride);
        _allows = Allows;
    }

    public VectorBuffer Query { get; }

    /// <summary>Translates options from IDs to rows of the built index and excludes removed rows.</summary>
    public SearchOptions Begin(UpdatableState state, in SearchOptions options)
    {
        if (state.Removed.Count == 0 && state.Ids is null)
        {
            return options;
        }

        _state = state;
        _options = options;
        return options.Rows is not null && options.Rows.Count <= state.Built.Count / RowsPerTranslatedId
            ? options with { Rows = Translate(options.Rows, state), Filter = options.Filter is null ? null : _allows }
            : options with { Rows = state.Ids is null ? options.Rows : null, Filter = _allows };
    }

    /// <summary>Releases the references to the search, so that they do not keep its index alive.</summary>
    public void End()
    {
        _state = null;
        _options = default;
    }

    private bool Allows(int row) => !_state!.Removed.Contains(row) && _options.Allows(_state.IdOf(row));

    private RowSet Translate(RowSet ids, UpdatableState state)
    {
        if (_rows?.Capacity == state.Built.Count)
        {
            _rows.Clear();
        }
        else
        {
            _rows = new RowSet(state.Built.Count);
        }

        int from = 0;
        for (int id = ids.Next(0); id >= 0 && id < state.Added.FirstId; id = ids.Next(id + 1))
        {
            int row = state.RowOf(id, from);
            from = row >= 0 ? row + 1 : from;
            if (row >= 0 && !state.Removed.Contains(row))
            {
                _rows.Add(row);
            }
        }

        return _rows;
    }
}
