using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>The squared Euclidean distance Σ(a - b)² of two vectors.</summary>
internal readonly unsafe struct SquaredDistanceKernel : ITerm
{
    /// <summary>Computes with the widest vectors that the processor supports.</summary>
    /// <param name="a">The first vector.</param>
    /// <param name="b">The second vector.</param>
    /// <param name="length">The number of components; a multiple of <see cref="VectorRows.Alignment"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* a, float* b, int length) => RunningSums<SquaredDistanceKernel>.Compute(a, b, length);

    /// <summary>Computes with a given vector width.</summary>
    public static float Compute(float* a, float* b, int length, VectorWidth width) =>
        RunningSums<SquaredDistanceKernel>.Compute(a, b, length, width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> sum, Vector512<float> a, Vector512<float> b)
    {
        Vector512<float> difference = a - b;
        return Vector512.FusedMultiplyAdd(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> sum, Vector256<float> a, Vector256<float> b)
    {
        Vector256<float> difference = a - b;
        return Vector256.FusedMultiplyAdd(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> sum, Vector128<float> a, Vector128<float> b)
    {
        Vector128<float> difference = a - b;
        return Vector128.FusedMultiplyAdd(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float sum, float a, float b)
    {
        float difference = a - b;
        return MathF.FusedMultiplyAdd(difference, difference, sum);
    }
}
