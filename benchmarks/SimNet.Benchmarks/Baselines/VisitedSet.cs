namespace SimNet.Benchmarks;

/// <summary>The rows that a search has visited. Clearing it counts up instead of writing to memory.</summary>
/// <param name="count">How many rows there are.</param>
internal sealed class VisitedSet(int count)
{
    private readonly int[] _search = new int[count];
    private int _current;

    /// <summary>Removes all rows.</summary>
    public void Clear()
    {
        if (++_current < 0)
        {
            Array.Clear(_search);
            _current = 1;
        }
    }

    /// <summary>Adds a row.</summary>
    /// <returns>Whether it was not in the set before.</returns>
    public bool Add(int row)
    {
        bool first = _search[row] != _current;
        _search[row] = _current;
        return first;
    }
}
