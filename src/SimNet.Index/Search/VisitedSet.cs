using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The visited set of a search, as one bit per row, which fits into the L1 or L2 cache.</summary>
internal sealed class VisitedSet(int rowCount)
{
    // Up to this size, clearing everything is faster than tracking what to clear.
    private const int MaxClearedWords = 2048;

    private readonly ulong[] _words = new ulong[(rowCount / 64) + 1];
    private readonly bool _clearsAll = (rowCount / 64) + 1 <= MaxClearedWords;
    private int[] _dirty = new int[1024];
    private int _dirtyCount;

    /// <summary>Starts a search with an empty set.</summary>
    public void Begin()
    {
        if (_clearsAll)
        {
            Array.Clear(_words);
            return;
        }

        for (int i = 0; i < _dirtyCount; i++)
        {
            _words[_dirty[i]] = 0;
        }

        _dirtyCount = 0;
    }

    /// <summary>Adds a row; returns whether it was not in the set.</summary>
    /// <param name="row">The ID of the row, which is not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int row)
    {
        ref ulong word = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_words), row >> 6);
        ulong before = word, bit = 1UL << row;
        if (before == 0 && !_clearsAll)
        {
            Remember(row >> 6);
        }

        word = before | bit;
        return (before & bit) == 0;
    }

    private void Remember(int word)
    {
        if (_dirtyCount == _dirty.Length)
        {
            Array.Resize(ref _dirty, 2 * _dirtyCount);
        }

        _dirty[_dirtyCount++] = word;
    }
}
