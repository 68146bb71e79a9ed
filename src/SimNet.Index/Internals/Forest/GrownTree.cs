namespace SimNet.Index;

/// <summary>One tree as it was grown. Numbers of nodes, of normals and of leaf positions count from its own start.</summary>
/// <param name="Nodes">Parents first.</param>
/// <param name="Normals">Each padded as codes are.</param>
internal sealed record GrownTree(List<ForestNode> Nodes, List<sbyte[]> Normals);
