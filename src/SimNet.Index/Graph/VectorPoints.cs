using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>The rows in full precision as the points of a graph; distances are those of <typeparamref name="TOrder"/>.</summary>
internal readonly unsafe struct VectorPoints<TOrder>(VectorRows rows, float* query) : IGraphPoints<VectorPoints<TOrder>>
    where TOrder : struct, IPointOrder
{
    private readonly float* _rows = rows.Pointer;
    private readonly int _stride = rows.Stride;

    public static VectorPoints<TOrder> Of(RowStore store, VectorBuffer query) => new(store.Rows, query.Pointer);

    public static int QueryStride(RowStore store) => store.Rows.Stride;

    public int Count { get; } = rows.Count;

    public int Bytes => _stride * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Point(int row) => (byte*)(_rows + ((long)row * _stride));

    public void SetQuery(byte* point) => Buffer.MemoryCopy(point, query, Bytes, Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> Compute(byte* point0, byte* point1, byte* point2, byte* point3) => Vector128.Create(
        TOrder.Compute(query, (float*)point0, _stride),
        TOrder.Compute(query, (float*)point1, _stride),
        TOrder.Compute(query, (float*)point2, _stride),
        TOrder.Compute(query, (float*)point3, _stride));

    public int Divide(int distance, double alpha) => TOrder.Divide(distance, alpha);
}
