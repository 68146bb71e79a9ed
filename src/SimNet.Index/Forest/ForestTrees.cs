namespace SimNet.Index;

/// <summary>The trees of a forest as flat arrays, the same in memory and in the file.</summary>
/// <remarks>
/// A forest grown here has its planes in the space of the rows' codes, as 8-bit numbers; one from a file of Annoy's has them in the vectors' own, as
/// single numbers.
/// </remarks>
internal sealed unsafe class ForestTrees
{
    public required ForestParameters Parameters { get; init; }

    /// <summary>How many trees are searched, from the first.</summary>
    public int Count => Parameters.Trees;

    /// <summary>The first node of each tree; a tree's nodes lie together.</summary>
    public required int* Roots { get; init; }

    public required ForestNode* Nodes { get; init; }

    public required int NodeCount { get; init; }

    /// <summary>Normals to be multiplied with a vector, each padded as rows are; null if the planes are coded.</summary>
    public float* Normals { get; init; }

    /// <summary>Normals to be multiplied with a code, each padded as codes are; null if the planes are not coded, or there are none.</summary>
    public sbyte* CodedNormals { get; init; }

    public required int NormalCount { get; init; }

    /// <summary>Row numbers, those of a leaf together: each tree has every row once.</summary>
    public required int* Leaves { get; init; }

    /// <summary>Every tree is binary, so it has one leaf more than other nodes.</summary>
    public int LeafCount => (NodeCount + Count) / 2;
}
