using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>A node of a tree as stored in the file: little-endian, 20 bytes. Children follow their parent.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 20)]
internal readonly struct ForestNode
{
    /// <summary>The <see cref="Normal"/> of a node whose rows are split at random, because no hyperplane separates them.</summary>
    public const int RandomSplit = -1;

    /// <summary>The <see cref="Normal"/> of a leaf.</summary>
    public const int Leaf = -2;

    public ForestNode(int normal, int left, int right, float offset = 0, float scale = 1)
    {
        Normal = normal;
        Left = left;
        Right = right;
        Offset = offset;
        Scale = scale;
    }

    /// <summary>The index of the hyperplane's normal, or <see cref="RandomSplit"/> or <see cref="Leaf"/>.</summary>
    public int Normal { get; }

    /// <summary>The child on the negative side of the hyperplane; for a leaf, the start of its rows among those of all leaves.</summary>
    public int Left { get; }

    /// <summary>The child on the positive side of the hyperplane; for a leaf, the number of its rows.</summary>
    public int Right { get; }

    /// <summary>
    /// The signed distance from the hyperplane is the product with the normal times <see cref="Scale"/>, plus this offset.
    /// </summary>
    public float Offset { get; }

    /// <summary>The reciprocal of the normal's length.</summary>
    public float Scale { get; }

    /// <summary>The same node with its references to nodes, normals and rows shifted.</summary>
    public ForestNode Relocate(int nodes, int normals, int rows) => Normal == Leaf
        ? new ForestNode(Leaf, rows + Left, Right)
        : new ForestNode(Normal == RandomSplit ? RandomSplit : normals + Normal, nodes + Left, nodes + Right, Offset, Scale);
}
