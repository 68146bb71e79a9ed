namespace SimNet.Index;

/// <summary>A node of a <see cref="HyperplaneTree"/>.</summary>
/// <param name="IsLeaf">Whether the node has rows instead of children.</param>
/// <param name="Left">The child on the negative side of the hyperplane; for a leaf, the start of its rows.</param>
/// <param name="Right">The child on the positive side of the hyperplane; for a leaf, the number of its rows.</param>
/// <param name="Normal">The unit normal of the hyperplane; null for a leaf and for a random split.</param>
/// <param name="Offset">The signed distance from the hyperplane is the product with the normal plus this offset.</param>
internal readonly record struct HyperplaneTreeNode(bool IsLeaf, int Left, int Right, float[]? Normal = null, float Offset = 0);
