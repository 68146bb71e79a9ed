using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>The scalar-quantized codes as the points of a graph; distances are squared, in quantization steps.</summary>
internal readonly unsafe struct CodePoints(ScalarQuantizedCodes codes, short* query) : IGraphPoints<CodePoints>
{
    private readonly sbyte* _codes = codes.Codes;
    private readonly int _stride = codes.Stride;

    public static CodePoints Of(RowStore store, VectorBuffer query) => new(store.Codes, (short*)query.Pointer);

    public static int QueryStride(RowStore store) => VectorRows.StrideOf(store.Codes.Stride / 2);

    public int Count { get; } = codes.Count;

    public int Bytes => _stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Point(int row) => (byte*)_codes + ((long)row * _stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetQuery(byte* point)
    {
        for (int i = 0; i < _stride; i += Vector128<sbyte>.Count)
        {
            Vector128<sbyte> numbers = Vector128.Load((sbyte*)point + i);
            Vector128.WidenLower(numbers).Store(query + i);
            Vector128.WidenUpper(numbers).Store(query + i + Vector128<short>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> Compute(byte* point0, byte* point1, byte* point2, byte* point3) =>
        CodeDistanceKernel.Compute(query, (sbyte*)point0, (sbyte*)point1, (sbyte*)point2, (sbyte*)point3, _stride);

    public int Divide(int distance, double alpha) => (int)Math.Min(int.MaxValue, Math.Ceiling(distance / (alpha * alpha)));
}
