using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What one search of a forest writes to: the query and its code, the queue of nodes, which rows it has met. Grows to the largest search and is kept.</summary>
internal sealed unsafe class ForestScratch(VectorRows rows, ScalarQuantizedCodes codes)
{
    private int[] _candidates = GC.AllocateUninitializedArray<int>(1024, pinned: true);

    /// <summary>As <see cref="VectorRows.StoreQuery"/> stores it.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    public MarginQueue Queue { get; } = new();

    public VisitedSet Visited { get; } = new(rows.Count);

    public CandidatePool Pool { get; } = new();

    /// <summary>The rows met that the search allows, in the order met.</summary>
    public int* Candidates => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_candidates));

    public int CandidateCount { get; set; }

    /// <summary>How many planes the search has looked at.</summary>
    public int PlaneCount { get; set; }

    /// <summary>How many rows it has come across, those met before among them.</summary>
    public int LeafRowCount { get; set; }

    /// <summary>Starts a search: no node waits and no row was met.</summary>
    public void Begin()
    {
        Queue.Clear();
        Visited.Begin();
        CandidateCount = 0;
        PlaneCount = 0;
        LeafRowCount = 0;
    }

    /// <summary>The rows of the pool, over the first candidates.</summary>
    public ReadOnlySpan<int> Best()
    {
        for (int place = 0; place < Pool.Count; place++)
        {
            _candidates[place] = Pool.Row(place);
        }

        return _candidates.AsSpan(0, Pool.Count);
    }

    /// <summary>Makes room for so many more candidates, and returns <see cref="Candidates"/>, which may have moved.</summary>
    public int* Reserve(int more)
    {
        int needed = CandidateCount + more;
        if (_candidates.Length < needed)
        {
            int[] larger = GC.AllocateUninitializedArray<int>(Math.Max(needed, 2 * _candidates.Length), pinned: true);
            _candidates.AsSpan(0, CandidateCount).CopyTo(larger);
            _candidates = larger;
        }

        return Candidates;
    }
}
