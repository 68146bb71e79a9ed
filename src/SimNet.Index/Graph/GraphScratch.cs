using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What one walk through a graph writes to.</summary>
internal sealed unsafe class GraphScratch(VectorRows rows, ScalarQuantizedCodes codes, int maxDegree)
{
    private readonly int[] _newRows = GC.AllocateArray<int>((BeamSearch.BeamWidth * maxDegree) + 4, pinned: true);

    /// <summary>As <see cref="VectorRows.StoreQuery"/> stores it.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    public CandidatePool Pool { get; } = new();

    public VisitedSet Visited { get; } = new(rows.Count);

    /// <summary>Room for the links of the rows visited at once, and three more.</summary>
    public int* NewRows => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_newRows));

    /// <summary>Starts a walk: no row was met.</summary>
    public void Begin(int capacity)
    {
        Pool.Begin(capacity);
        Visited.Begin();
    }
}
