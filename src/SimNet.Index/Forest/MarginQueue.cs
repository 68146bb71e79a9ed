namespace SimNet.Index;

/// <summary>A priority queue of tree nodes as a binary heap: largest margin first, equal margins by node number.</summary>
internal sealed class MarginQueue
{
    private (float Margin, int Node)[] _items = new (float, int)[256];
    private int _count;

    public void Clear() => _count = 0;

    /// <summary>Whether a node would be taken before all queued ones.</summary>
    public bool IsFirst(float margin, int node) => _count == 0 || IsBefore((margin, node), _items[0]);

    public void Push(float margin, int node)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, 2 * _count);
        }

        int hole = _count++;
        while (hole > 0)
        {
            int parent = (hole - 1) / 2;
            if (!IsBefore((margin, node), _items[parent]))
            {
                break;
            }

            _items[hole] = _items[parent];
            hole = parent;
        }

        _items[hole] = (margin, node);
    }

    public bool TryPop(out float margin, out int node)
    {
        if (_count == 0)
        {
            (margin, node) = (0, 0);
            return false;
        }

        (margin, node) = _items[0];
        (float Margin, int Node) last = _items[--_count];
        int hole = 0;
        while (true)
        {
            int child = (2 * hole) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && IsBefore(_items[child + 1], _items[child]))
            {
                child++;
            }

            if (!IsBefore(_items[child], last))
            {
                break;
            }

            _items[hole] = _items[child];
            hole = child;
        }

        _items[hole] = last;
        return true;
    }

    private static bool IsBefore((float Margin, int Node) a, (float Margin, int Node) b) =>
        a.Margin > b.Margin || (a.Margin == b.Margin && a.Node < b.Node);
}
