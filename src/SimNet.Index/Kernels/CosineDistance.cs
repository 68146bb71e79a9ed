using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary><see cref="Metric.Cosine"/>, for vectors of unit or zero length.</summary>
internal readonly unsafe struct CosineDistance : IDistance
{
    private const float NearlyParallel = 1f / 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* query, float* row, int stride)
    {
        float distance = 1 - DotKernel.Compute(query, row, stride);

        // For unit vectors 1 - ab = (a - b)²/2. The left side is cheaper and also correct for zero vectors, but near 0 it consists of
        // rounding errors, where duplicates must be distinguished from near duplicates.
        return distance < NearlyParallel ? 0.5f * SquaredDistanceKernel.Compute(query, row, stride) : MathF.Min(distance, 2);
    }
}
