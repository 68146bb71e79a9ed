using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// The best rows that a walk has met, sorted by distance and then number, and which of them it has been to. Adding one to a few dozen sorted numbers
/// is cheaper than a heap's ups and downs.
/// </summary>
internal sealed unsafe class CandidatePool
{
    // Distance in the upper half, the row's number below it; the number's sign says that the walk has been there.
    private const ulong Visited = 1UL << 31;

    private ulong[] _items = [];
    private int _capacity;
    private int _next;

    public int Count { get; private set; }

    /// <summary>A row at this distance or farther has no place.</summary>
    public int Limit { get; private set; }

    private ulong* Items => (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_items));

    public void Begin(int capacity)
    {
        if (_items.Length <= capacity)
        {
            _items = GC.AllocateUninitializedArray<ulong>(capacity + 1, pinned: true);
        }

        _capacity = capacity;
        _next = 0;
        Count = 0;
        Limit = int.MaxValue;
    }

    public int Row(int place) => (int)(Items[place] & (Visited - 1));

    public int Distance(int place) => (int)(Items[place] >> 32);

    /// <summary>Adds a row, which must not be in the pool, unless all places are taken by nearer ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(int row, int distance)
    {
        if (distance < Limit)
        {
            Insert(row, distance);
        }
    }

    /// <summary>Whether the walk has been to all of the pool.</summary>
    public bool IsExhausted => _next >= Count;

    /// <summary>The nearest row that the walk has not been to; it has now.</summary>
    public bool TryTake(out int row)
    {
        ulong* items = Items;
        for (; _next < Count; _next++)
        {
            ulong item = items[_next];
            if ((item & Visited) == 0)
            {
                items[_next++] = item | Visited;
                row = (int)(item & (Visited - 1));
                return true;
            }
        }

        row = GraphLinks.None;
        return false;
    }

    /// <summary>The row that <see cref="TryTake"/> would give after so many others if nothing nearer came, or none.</summary>
    public int Peek(int ahead)
    {
        int place = _next + ahead;
        return place < Count && (Items[place] & Visited) == 0 ? (int)(Items[place] & (Visited - 1)) : GraphLinks.None;
    }

    private void Insert(int row, int distance)
    {
        ulong item = ((ulong)(uint)distance << 32) | (uint)row;
        ulong* items = Items;
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if ((items[middle] & ~Visited) < item)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int moved = (Count < _capacity ? Count++ : Count - 1) - low;
        if (moved < 0)
        {
            return;
        }

        Buffer.MemoryCopy(items + low, items + low + 1, moved * sizeof(ulong), moved * sizeof(ulong));
        items[low] = item;
        _next = Math.Min(_next, low);
        if (Count == _capacity)
        {
            Limit = (int)(items[Count - 1] >> 32);
        }
    }
}
