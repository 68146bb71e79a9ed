using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>A max-heap in a span that keeps the nearest neighbors, and then sorts them in place.</summary>
internal ref struct NeighborHeap
{
    private readonly Span<Neighbor> _items;
    private int _count;

    /// <param name="items">The storage; its length is the number of neighbors to keep.</param>
    /// <param name="count">The number of neighbors that an earlier heap left in the storage.</param>
    public NeighborHeap(Span<Neighbor> items, int count = 0)
    {
        _items = items;
        _count = count;
    }

    /// <summary>The number of neighbors kept.</summary>
    public readonly int Count => _count;

    /// <summary>The distance of the farthest neighbor kept, beyond which none is added; infinite while the heap is not full.</summary>
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

    /// <summary>Sorts the neighbors and returns their number. No neighbor may be offered afterwards.</summary>
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

    /// <summary>Replaces the top of the first <paramref name="count"/> items.</summary>
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
