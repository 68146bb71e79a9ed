using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary><see cref="Metric.Euclidean"/>.</summary>
internal readonly unsafe struct EuclideanDistance : IDistance
{
    // The root of every row is taken, not only of those returned: different squares can have the same root, and then the ID decides.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* query, float* row, int stride) => MathF.Sqrt(SquaredDistanceKernel.Compute(query, row, stride));
}
