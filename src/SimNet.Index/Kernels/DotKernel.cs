using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>The dot product Σ ab of two vectors.</summary>
internal readonly unsafe struct DotKernel : ITerm
{
    /// <summary>Computes with the widest vectors that the processor supports.</summary>
    /// <param name="a">The first vector.</param>
    /// <param name="b">The second vector.</param>
    /// <param name="length">The number of components; a multiple of <see cref="VectorRows.Alignment"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* a, float* b, int length) => RunningSums<DotKernel>.Compute(a, b, length);

    /// <summary>Computes with a given vector width.</summary>
    public static float Compute(float* a, float* b, int length, VectorWidth width) => RunningSums<DotKernel>.Compute(a, b, length, width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> sum, Vector512<float> a, Vector512<float> b) =>
        Vector512.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> sum, Vector256<float> a, Vector256<float> b) =>
        Vector256.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> sum, Vector128<float> a, Vector128<float> b) =>
        Vector128.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float sum, float a, float b) => MathF.FusedMultiplyAdd(a, b, sum);
}
