namespace SimNet.Index;

/// <summary>A node of a <see cref="HyperplaneTree"/>.</summary>
/// <param name="IsLeaf">Whether it has rows, not children.</param>
/// <param name="Left">The child on the plane's negative side; of a leaf, where its rows start.</param>
/// <param name="Right">The child on the plane's positive side; of a leaf, how many rows it has.</param>
/// <param name="Normal">The plane's unit normal, one number for each dimension; null for a leaf, and where rows were dealt out at random.</param>
/// <param name="Offset">Added to the product with the normal it gives the distance from the plane.</param>
internal readonly record struct HyperplaneTreeNode(bool IsLeaf, int Left, int Right, float[]? Normal = null, float Offset = 0);
