using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>Which rows a search has met, a bit for each: small enough for the nearest caches.</summary>
internal sealed class MetRows(int rowCount)
{
    // Below this a wipe costs less than remembering what to wipe.
    private const int WipeWords = 2048;

    private readonly ulong[] _met = new ulong[(rowCount / 64) + 1];
    private readonly bool _wipesAll = (rowCount / 64) + 1 <= WipeWords;
    private int[] _dirty = new int[1024];
    private int _dirtyCount;

    /// <summary>Starts a search: no row was met.</summary>
    public void Begin()
    {
        if (_wipesAll)
        {
            Array.Clear(_met);
            return;
        }

        for (int i = 0; i < _dirtyCount; i++)
        {
            _met[_dirty[i]] = 0;
        }

        _dirtyCount = 0;
    }

    /// <summary>Whether this is the first time that this search meets a row.</summary>
    /// <param name="row">A row's number; not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Meet(int row)
    {
        ref ulong word = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_met), row >> 6);
        ulong before = word, bit = 1UL << row;
        if (before == 0 && !_wipesAll)
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
