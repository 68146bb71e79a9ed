using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>Which rows a search has met, a bit for each: small enough for the nearest caches.</summary>
internal sealed class VisitedSet(int rowCount)
{
    // Below this a wipe costs less than remembering what to wipe.
    private const int MaxClearedWords = 2048;

    private readonly ulong[] _words = new ulong[(rowCount / 64) + 1];
    private readonly bool _clearsAll = (rowCount / 64) + 1 <= MaxClearedWords;
    private int[] _dirty = new int[1024];
    private int _dirtyCount;

    /// <summary>Starts a search: no row was met.</summary>
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

    /// <summary>Whether this is the first time that this search meets a row.</summary>
    /// <param name="row">A row's number; not checked.</param>
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
