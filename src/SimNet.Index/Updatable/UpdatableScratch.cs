namespace SimNet.Index;

/// <summary>What one search of an <see cref="UpdatableIndex"/> writes to, and the filter by which the built index finds only what it may.</summary>
internal sealed class UpdatableScratch
{
    /// <summary>Up to one row in so many, a set of ids is made a set of rows; it costs about as much as it saves where there are more.</summary>
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

    /// <summary>What the built index must be told for what the caller was told: rows in place of ids, and none that were removed.</summary>
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

    /// <summary>Forgets the search, so as not to keep its index alive.</summary>
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
