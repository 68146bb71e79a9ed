using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>
/// The order by Euclidean distance, which for unit vectors is also that by cosine distance: the bits of the squared distance, because
/// floats of at least 0 are ordered like their bits.
/// </summary>
internal readonly unsafe struct EuclideanOrder : IPointOrder
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compute(float* query, float* row, int stride) =>
        BitConverter.SingleToInt32Bits(SquaredDistanceKernel.Compute(query, row, stride));

    public static int Divide(int distance, double alpha) =>
        BitConverter.SingleToInt32Bits((float)(BitConverter.Int32BitsToSingle(distance) / (alpha * alpha)));
}
