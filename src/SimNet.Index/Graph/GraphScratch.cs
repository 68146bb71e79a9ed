using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The buffers of one graph search.</summary>
internal sealed unsafe class GraphScratch(VectorRows rows, ScalarQuantizedCodes codes, int maxDegree)
{
    private readonly int[] _newRows = GC.AllocateArray<int>((BeamSearch.BeamWidth * maxDegree) + 4, pinned: true);

    /// <summary>The query in the form of <see cref="VectorRows.StoreQuery"/>.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    public CandidatePool Pool { get; } = new();

    public VisitedSet Visited { get; } = new(rows.Count);

    /// <summary>A buffer for the links of the rows expanded at once, and three more.</summary>
    public int* NewRows => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_newRows));

    /// <summary>Starts a search: empties the pool and the visited set.</summary>
    public void Begin(int capacity)
    {
        Pool.Begin(capacity);
        Visited.Begin();
    }
}
