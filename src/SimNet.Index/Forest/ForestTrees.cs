namespace SimNet.Index;

/// <summary>The trees of a forest as flat arrays, with the same layout in memory and in the file.</summary>
/// <remarks>
/// Hyperplanes are in the space of the codes, as 8-bit values. Those of forests read from Annoy files, and of forests of rows that codes do
/// not tell apart, are in the space of the vectors, as floats.
/// </remarks>
internal sealed unsafe class ForestTrees
{
    public required ForestParameters Parameters { get; init; }

    /// <summary>The number of trees.</summary>
    public int Count => Parameters.Trees;

    /// <summary>The first node of each tree. The nodes of a tree are contiguous.</summary>
    public required int* Roots { get; init; }

    public required ForestNode* Nodes { get; init; }

    public required int NodeCount { get; init; }

    /// <summary>The normals to multiply with vectors, padded like rows; null if the hyperplanes are coded.</summary>
    public float* Normals { get; init; }

    /// <summary>The normals to multiply with codes, padded like codes; null if there are none or the hyperplanes are not coded.</summary>
    public sbyte* CodedNormals { get; init; }

    public required int NormalCount { get; init; }

    /// <summary>The row IDs, leaf by leaf. Each tree contains every row once.</summary>
    public required int* Leaves { get; init; }

    /// <summary>The number of leaves: a binary tree has one leaf more than inner nodes.</summary>
    public int LeafCount => (NodeCount + Count) / 2;
}
