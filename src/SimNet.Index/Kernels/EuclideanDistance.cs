using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary><see cref="Metric.Euclidean"/>.</summary>
internal readonly unsafe struct EuclideanDistance : IDistance
{
    // The root is taken of every row, not only of those returned: different squares can have the same root, and then
    // the row number has to decide.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* query, float* row, int stride) => MathF.Sqrt(SquaredDistanceKernel.Compute(query, row, stride));
}
