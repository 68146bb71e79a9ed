using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What one walk through a graph writes to.</summary>
internal sealed unsafe class GraphScratch(VectorRows rows, RowCodes codes, int maxLinks)
{
    private readonly int[] _fresh = GC.AllocateArray<int>((GraphWalk.Beam * maxLinks) + 4, pinned: true);

    /// <summary>As <see cref="VectorRows.StoreQuery"/> stores it.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    public CandidatePool Pool { get; } = new();

    public MetRows Met { get; } = new(rows.Count);

    /// <summary>Room for the links of the rows visited at once, and three more.</summary>
    public int* Fresh => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_fresh));

    /// <summary>Starts a walk: no row was met.</summary>
    public void Begin(int capacity)
    {
        Pool.Begin(capacity);
        Met.Begin();
    }
}
