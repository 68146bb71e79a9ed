using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary><see cref="Metric.InnerProduct"/>.</summary>
internal readonly unsafe struct InnerProductDistance : IDistance
{
    // Zero minus rather than a sign, so that a product of 0 is not a distance of -0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Compute(float* query, float* row, int stride) => 0 - DotKernel.Compute(query, row, stride);
}
