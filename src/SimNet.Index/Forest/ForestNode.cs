using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>A node of a tree, as it lies in the file: little-endian, 20 bytes. Children come after their parent.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 20)]
internal readonly struct ForestNode
{
    /// <summary><see cref="Normal"/> of a node whose rows no hyperplane told apart: they were dealt out at random.</summary>
    public const int RandomSplit = -1;

    /// <summary><see cref="Normal"/> of a leaf.</summary>
    public const int Leaf = -2;

    public ForestNode(int normal, int left, int right, float offset = 0, float scale = 1)
    {
        Normal = normal;
        Left = left;
        Right = right;
        Offset = offset;
        Scale = scale;
    }

    /// <summary>Which normal the hyperplane has, or <see cref="RandomSplit"/> or <see cref="Leaf"/>.</summary>
    public int Normal { get; }

    /// <summary>The child on the hyperplane's negative side; of a leaf, where its row numbers start among those of all leaves.</summary>
    public int Left { get; }

    /// <summary>The child on the hyperplane's positive side; of a leaf, how many rows it has.</summary>
    public int Right { get; }

    /// <summary>Added to the product with the normal, which <see cref="Scale"/> makes one of length one, it gives the distance from the hyperplane.</summary>
    public float Offset { get; }

    /// <summary>One by the normal's length.</summary>
    public float Scale { get; }

    /// <summary>The same node elsewhere: its children or leaf, and its plane, lie so much further on.</summary>
    public ForestNode Relocate(int nodes, int normals, int rows) => Normal == Leaf
        ? new ForestNode(Leaf, rows + Left, Right)
        : new ForestNode(Normal == RandomSplit ? RandomSplit : normals + Normal, nodes + Left, nodes + Right, Offset, Scale);
}
