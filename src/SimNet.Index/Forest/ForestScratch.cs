using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// The buffers of one forest search: the query and its code, the queue of nodes, and the visited set. They grow to the largest search and
/// are reused.
/// </summary>
internal sealed unsafe class ForestScratch(VectorRows rows, ScalarQuantizedCodes codes)
{
    private int[] _candidates = GC.AllocateUninitializedArray<int>(1024, pinned: true);

    /// <summary>The query in the form of <see cref="VectorRows.StoreQuery"/>.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    public MarginQueue Queue { get; } = new();

    public VisitedSet Visited { get; } = new(rows.Count);

    public CandidatePool Pool { get; } = new();

    /// <summary>The visited rows that the search allows, in the order of the visit.</summary>
    public int* Candidates => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_candidates));

    public int CandidateCount { get; set; }

    /// <summary>The number of hyperplanes evaluated.</summary>
    public int PlaneCount { get; set; }

    /// <summary>The number of rows in the visited leaves, repeated ones included.</summary>
    public int LeafRowCount { get; set; }

    /// <summary>Starts a search: empties the queue and the visited set.</summary>
    public void Begin()
    {
        Queue.Clear();
        Visited.Begin();
        CandidateCount = 0;
        PlaneCount = 0;
        LeafRowCount = 0;
    }

    /// <summary>Copies the rows of the pool over the first candidates.</summary>
    public ReadOnlySpan<int> Best()
    {
        for (int place = 0; place < Pool.Count; place++)
        {
            _candidates[place] = Pool.Row(place);
        }

        return _candidates.AsSpan(0, Pool.Count);
    }

    /// <summary>Reserves space for more candidates and returns <see cref="Candidates"/>, which may have moved.</summary>
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
