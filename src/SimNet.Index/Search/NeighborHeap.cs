using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>The nearest of the neighbours offered, kept in a span as a heap with the farthest on top, then sorted in place.</summary>
internal ref struct NeighborHeap
{
    private readonly Span<Neighbor> _items;
    private int _count;

    /// <param name="items">Room for the neighbours.</param>
    /// <param name="count">How many of them a heap before this one has left there.</param>
    public NeighborHeap(Span<Neighbor> items, int count = 0)
    {
        _items = items;
        _count = count;
    }

    /// <summary>How many are kept.</summary>
    public readonly int Count => _count;

    /// <summary>The distance from which on a neighbour is of no use: that of the farthest kept, infinite while there is room.</summary>
    public readonly float Farthest => _count < _items.Length ? float.PositiveInfinity : _items[0].Distance;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(int id, float distance)
    {
        if (_count < _items.Length)
        {
            Add(new Neighbor(id, distance));
        }
        else if (distance <= _items[0].Distance && IsBefore(new Neighbor(id, distance), _items[0]))
        {
            SiftDown(new Neighbor(id, distance), _count);
        }
    }

    /// <summary>Sorts what was kept and says how many there are. Nothing may be offered afterwards.</summary>
    public int Sort()
    {
        for (int last = _count - 1; last > 0; last--)
        {
            Neighbor farthest = _items[0];
            SiftDown(_items[last], last);
            _items[last] = farthest;
        }

        return _count;
    }

    private static bool IsBefore(Neighbor a, Neighbor b) => a.Distance < b.Distance || (a.Distance == b.Distance && a.Id < b.Id);

    private void Add(Neighbor item)
    {
        int hole = _count++;
        while (hole > 0)
        {
            int parent = (hole - 1) / 2;
            if (!IsBefore(_items[parent], item))
            {
                break;
            }

            _items[hole] = _items[parent];
            hole = parent;
        }

        _items[hole] = item;
    }

    /// <summary>Puts an item in the place of the top one of the first <paramref name="count"/>.</summary>
    private readonly void SiftDown(Neighbor item, int count)
    {
        int hole = 0;
        while (true)
        {
            int child = (2 * hole) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && IsBefore(_items[child], _items[child + 1]))
            {
                child++;
            }

            if (!IsBefore(item, _items[child]))
            {
                break;
            }

            _items[hole] = _items[child];
            hole = child;
        }

        _items[hole] = item;
    }
}
