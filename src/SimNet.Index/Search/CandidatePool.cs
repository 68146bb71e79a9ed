using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// The candidate pool of a search: the nearest rows found so far, sorted by distance and then ID, each marked if it is expanded. For a few
/// dozen items, insertion into a sorted array is faster than a heap.
/// </summary>
internal sealed unsafe class CandidatePool
{
    // The upper half of an item is the distance, the lower half the row ID. The sign bit of the ID marks an expanded row.
    private const ulong Expanded = 1UL << 31;

    private ulong[] _items = [];
    private int _capacity;
    private int _next;

    public int Count { get; private set; }

    /// <summary>Rows at this distance or farther do not enter the pool.</summary>
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

    public int Row(int place) => (int)(Items[place] & (Expanded - 1));

    public int Distance(int place) => (int)(Items[place] >> 32);

    /// <summary>Adds a row that is not in the pool, unless the pool is full of nearer rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(int row, int distance)
    {
        if (distance < Limit)
        {
            Insert(row, distance);
        }
    }

    /// <summary>Whether all rows of the pool are expanded.</summary>
    public bool IsExhausted => _next >= Count;

    /// <summary>Takes the nearest unexpanded row and marks it as expanded.</summary>
    public bool TryTake(out int row)
    {
        ulong* items = Items;
        for (; _next < Count; _next++)
        {
            ulong item = items[_next];
            if ((item & Expanded) == 0)
            {
                items[_next++] = item | Expanded;
                row = (int)(item & (Expanded - 1));
                return true;
            }
        }

        row = GraphLinks.None;
        return false;
    }

    /// <summary>
    /// The row that <see cref="TryTake"/> returns after <paramref name="ahead"/> others if no nearer row is added; otherwise
    /// <see cref="GraphLinks.None"/>.
    /// </summary>
    public int Peek(int ahead)
    {
        int place = _next + ahead;
        return place < Count && (Items[place] & Expanded) == 0 ? (int)(Items[place] & (Expanded - 1)) : GraphLinks.None;
    }

    private void Insert(int row, int distance)
    {
        ulong item = ((ulong)(uint)distance << 32) | (uint)row;
        ulong* items = Items;
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if ((items[middle] & ~Expanded) < item)
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
