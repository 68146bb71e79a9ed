namespace SimNet.Index;

/// <summary>The trees of a forest as flat arrays, the same in memory and in the file.</summary>
internal sealed unsafe class ForestTrees
{
    public required RandomProjectionForestOptions Options { get; init; }

    /// <summary>The first node of each tree; a tree's nodes lie together.</summary>
    public required int* Roots { get; init; }

    public required ForestNode* Nodes { get; init; }

    public required int NodeCount { get; init; }

    /// <summary>Unit vectors, one to a row's stride.</summary>
    public required float* Normals { get; init; }

    public required int NormalCount { get; init; }

    /// <summary>Row numbers, those of a leaf together: each tree has every row once.</summary>
    public required int* Leaves { get; init; }

    /// <summary>Every tree is binary, so it has one leaf more than other nodes.</summary>
    public int LeafCount => (NodeCount + Options.Trees) / 2;
}
