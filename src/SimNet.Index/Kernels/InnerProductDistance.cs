using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary><see cref="Metric.InnerProduct"/>.</summary>
internal readonly unsafe struct InnerProductDistance : IDistance
{
    // Subtracting from zero instead of negating avoids a distance of -0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* query, float* row, int stride) => 0 - DotKernel.Compute(query, row, stride);
}
