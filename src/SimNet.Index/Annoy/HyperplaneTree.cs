namespace SimNet.Index;

/// <summary>
/// One tree in the form in which Annoy's files and the forest meet: planes in the vectors' own space, and rows.
/// Nodes lie parents first and depth first, and rows in the order of their leaves, so those below any node lie together.
/// </summary>
internal sealed class HyperplaneTree
{
    public required IReadOnlyList<HyperplaneTreeNode> Nodes { get; init; }

    /// <summary>Row numbers, those of a leaf together; each once.</summary>
    public required int[] Rows { get; init; }
}
