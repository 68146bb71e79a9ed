using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// The points that a graph compares: the codes of the rows, or the rows themselves. A type, so that the loops are compiled for each kind
/// with the kernel inlined.
/// </summary>
internal unsafe interface IGraphPoints<TSelf>
    where TSelf : struct, IGraphPoints<TSelf>
{
    /// <summary>The points of a store, with a query of their own, in a buffer of <see cref="QueryStride"/> components.</summary>
    static abstract TSelf Of(RowStore store, VectorBuffer query);

    /// <summary>The length of the buffer for a query, in components of 32 bits.</summary>
    static abstract int QueryStride(RowStore store);

    /// <summary>The number of points.</summary>
    int Count { get; }

    /// <summary>The distance between the starts of two consecutive points, in bytes.</summary>
    int Bytes { get; }

    /// <summary>The point of a row.</summary>
    byte* Point(int row);

    /// <summary>Makes a point the query.</summary>
    void SetQuery(byte* point);

    /// <summary>
    /// The distances between the query and four points, as integers of at least 0 in the order of the distances. Points may be equal.
    /// </summary>
    Vector128<int> Compute(byte* point0, byte* point1, byte* point2, byte* point3);

    /// <summary>The distance such that a point at a smaller one is nearer than <paramref name="distance"/> by the factor α.</summary>
    int Divide(int distance, double alpha);
}
