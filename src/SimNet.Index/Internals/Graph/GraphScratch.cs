using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What one walk through a graph writes to.</summary>
internal sealed unsafe class GraphScratch(VectorRows rows, RowCodes codes, int maxLinks)
{
    // Below this a wipe costs less than remembering what to wipe.
    private const int WipeWords = 2048;

    private readonly ulong[] _met = new ulong[(rows.Count / 64) + 1];
    private readonly int[] _fresh = GC.AllocateArray<int>((GraphWalk.Beam * maxLinks) + 4, pinned: true);
    private int[] _metRows = new int[1024];
    private int _metCount;

    /// <summary>As <see cref="VectorRows.StoreQuery"/> stores it.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    public CandidatePool Pool { get; } = new();

    /// <summary>Room for the links of the rows visited at once, and three more.</summary>
    public int* Fresh => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_fresh));

    private bool WipesAll => _met.Length <= WipeWords;

    /// <summary>Starts a walk: no row was met.</summary>
    public void Begin(int capacity)
    {
        Pool.Begin(capacity);
        if (WipesAll)
        {
            Array.Clear(_met);
            return;
        }

        for (int i = 0; i < _metCount; i++)
        {
            _met[_metRows[i] / 64] = 0;
        }

        _metCount = 0;
    }

    /// <summary>Whether this is the first time that this walk meets a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Meet(int row)
    {
        ref ulong word = ref _met[row >> 6];
        ulong bit = 1UL << row;
        if ((word & bit) != 0)
        {
            return false;
        }

        word |= bit;
        if (!WipesAll)
        {
            Remember(row);
        }

        return true;
    }

    private void Remember(int row)
    {
        if (_metCount == _metRows.Length)
        {
            Array.Resize(ref _metRows, 2 * _metCount);
        }

        _metRows[_metCount++] = row;
    }
}
