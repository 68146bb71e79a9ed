namespace SimNet.Index;

/// <summary>
/// A tree in the representation shared by Annoy files and the forest: hyperplanes in the space of the vectors, and rows. Nodes are in
/// depth-first order, parents first. Rows are in the order of their leaves, so that the rows below a node are contiguous.
/// </summary>
internal sealed class HyperplaneTree
{
    public required IReadOnlyList<HyperplaneTreeNode> Nodes { get; init; }

    /// <summary>The row IDs, leaf by leaf; each row occurs once.</summary>
    public required int[] Rows { get; init; }
}
