using System.Buffers.Binary;

namespace SimNet.Index;

/// <summary>
/// Where things lie in a node of an Annoy file. All nodes of a file have one size, the vector at their end, and numbers are little-endian.
/// The first number is how many items are below: an item has 1 and its vector; up to <see cref="Capacity"/> the items' numbers stand in
/// place of children and vector; above it the node is a split with two children, and the vector is the normal of its plane.
/// </summary>
/// <param name="ChildrenAt">Where the children start, or the list of items: it goes on over the vector.</param>
/// <param name="VectorAt">Where the vector starts.</param>
/// <param name="ConstantAt">Where a split keeps the constant of its plane, or -1: planes go through the origin.</param>
/// <param name="IsSquared">Whether that constant's square is added to the product with the normal, not the constant.</param>
/// <param name="LengthAt">Where an item keeps a number that follows from its vector's length, or -1: something to check it by.</param>
/// <param name="Dimensions">How many numbers a vector has.</param>
internal readonly record struct AnnoyLayout(int ChildrenAt, int VectorAt, int ConstantAt, bool IsSquared, int LengthAt, int Dimensions)
{
    /// <summary>Bytes of a node.</summary>
    public int NodeSize => VectorAt + (Dimensions * sizeof(float));

    /// <summary>How many item numbers fit in a node, Annoy's K.</summary>
    public int Capacity => (NodeSize - ChildrenAt) / sizeof(int);

    /// <summary>The layouts that files of a metric may have, the one to be written first.</summary>
    public static AnnoyLayout[] Of(Metric metric, int dimensions) => metric switch
    {
        // n_descendants, a, children[2], v
        Metric.Euclidean => [new AnnoyLayout(8, 16, 4, false, -1, dimensions)],

        // n_descendants, children[2] or an item's squared length, v
        Metric.Cosine => [new AnnoyLayout(4, 12, -1, false, 4, dimensions)],

        // n_descendants, children[2], dot_factor, v in all releases so far, to 1.17.3: they add the square of a split's dot_factor to the product.
        // What comes after that release has two numbers more, norm and built, and adds nothing.
        _ => [new AnnoyLayout(4, 16, 12, true, 12, dimensions), new AnnoyLayout(4, 24, -1, false, 12, dimensions)],
    };

    /// <summary>What a split adds to the product with its normal.</summary>
    public float Offset(ReadOnlySpan<byte> node)
    {
        if (ConstantAt < 0)
        {
            return 0;
        }

        float constant = BinaryPrimitives.ReadSingleLittleEndian(node[ConstantAt..]);
        return IsSquared ? constant * constant : constant;
    }

    /// <summary>The constant of a plane with this offset; 0 where the layout cannot express it.</summary>
    public float Constant(float offset) => IsSquared ? MathF.Sqrt(MathF.Max(0, offset)) : offset;
}
