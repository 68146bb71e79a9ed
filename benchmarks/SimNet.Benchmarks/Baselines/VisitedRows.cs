namespace SimNet.Benchmarks;

/// <summary>Which rows a search has seen; emptied by counting up rather than by writing.</summary>
internal sealed class VisitedRows(int count)
{
    private readonly int[] _search = new int[count];
    private int _current;

    public void Clear()
    {
        if (++_current < 0)
        {
            Array.Clear(_search);
            _current = 1;
        }
    }

    /// <summary>Whether the row was not seen before; it is now.</summary>
    public bool Add(int row)
    {
        bool first = _search[row] != _current;
        _search[row] = _current;
        return first;
    }
}
