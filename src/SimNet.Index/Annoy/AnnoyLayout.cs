using System.Buffers.Binary;

namespace SimNet.Index;

/// <summary>
/// The layout of a node in an Annoy file (annoylib.h). All nodes of a file have the same size, end with the vector, and are little-endian.
/// A node starts with its number of descendants. An item has 1 descendant and its vector. A node with up to <see cref="Capacity"/>
/// descendants lists the item numbers in place of children and vector. A node with more is a split: it has two children, and its vector is
/// the normal of the hyperplane.
/// </summary>
/// <param name="ChildrenAt">The offset of the children, or of the item list, which extends over the vector.</param>
/// <param name="VectorAt">The offset of the vector.</param>
/// <param name="ConstantAt">The offset of the constant of a split's hyperplane, or -1 if hyperplanes pass through the origin.</param>
/// <param name="IsSquared">Whether the square of that constant is added to the product with the normal, instead of the constant.</param>
/// <param name="LengthAt">The offset of an item's value that depends on the norm of its vector, used for validation; or -1.</param>
/// <param name="Dimensions">The number of components of a vector.</param>
internal readonly record struct AnnoyLayout(int ChildrenAt, int VectorAt, int ConstantAt, bool IsSquared, int LengthAt, int Dimensions)
{
    /// <summary>The size of a node in bytes.</summary>
    public int NodeSize => VectorAt + (Dimensions * sizeof(float));

    /// <summary>The number of item numbers that fit into a node; Annoy's K.</summary>
    public int Capacity => (NodeSize - ChildrenAt) / sizeof(int);

    /// <summary>The possible layouts for a metric. The first is the one to write.</summary>
    public static AnnoyLayout[] Of(Metric metric, int dimensions) => metric switch
    {
        // n_descendants, a, children[2], v
        Metric.Euclidean => [new AnnoyLayout(8, 16, 4, false, -1, dimensions)],

        // n_descendants, children[2] or an item's squared norm, v
        Metric.Cosine => [new AnnoyLayout(4, 12, -1, false, 4, dimensions)],

        // n_descendants, children[2], dot_factor, v in all releases up to 1.17.3, which add the square of a split's dot_factor to the
        // product. The code after that release has two more fields, norm and built, and adds nothing.
        _ => [new AnnoyLayout(4, 16, 12, true, 12, dimensions), new AnnoyLayout(4, 24, -1, false, 12, dimensions)],
    };

    /// <summary>The value that a split adds to the product with its normal.</summary>
    public float Offset(ReadOnlySpan<byte> node)
    {
        if (ConstantAt < 0)
        {
            return 0;
        }

        float constant = BinaryPrimitives.ReadSingleLittleEndian(node[ConstantAt..]);
        return IsSquared ? constant * constant : constant;
    }

    /// <summary>The constant of a hyperplane with this offset; 0 if the layout cannot express it.</summary>
    public float Constant(float offset) => IsSquared ? MathF.Sqrt(MathF.Max(0, offset)) : offset;
}
