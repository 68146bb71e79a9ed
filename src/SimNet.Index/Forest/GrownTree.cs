namespace SimNet.Index;

/// <summary>One tree as it was grown. Numbers of nodes, of normals and of leaf positions count from its own start.</summary>
/// <param name="Nodes">Parents first, and depth first.</param>
/// <param name="Normals">Each padded as codes are; in the order of nodes.</param>
internal sealed record GrownTree(List<ForestNode> Nodes, List<sbyte[]> Normals)
{
    /// <summary>The tree as it would be had it been grown with larger leaves, but for the order of rows in a leaf.</summary>
    public GrownTree Prune(int leafSize)
    {
        // Children come after their parents: backwards, what is below a node is known before it.
        var starts = new int[Nodes.Count];
        var counts = new int[Nodes.Count];
        for (int i = Nodes.Count - 1; i >= 0; i--)
        {
            ForestNode node = Nodes[i];
            bool isLeaf = node.Normal == ForestNode.Leaf;
            starts[i] = isLeaf ? node.Left : starts[node.Left];
            counts[i] = isLeaf ? node.Right : counts[node.Left] + counts[node.Right];
        }

        var nodes = new List<ForestNode>();
        var normals = new List<sbyte[]>();
        Copy(0);
        return new GrownTree(nodes, normals);

        // As deep as the tree, which is never deep.
        int Copy(int number)
        {
            ForestNode node = Nodes[number];
            int copy = nodes.Count;
            if (node.Normal == ForestNode.Leaf || counts[number] <= leafSize)
            {
                nodes.Add(new ForestNode(ForestNode.Leaf, starts[number], counts[number]));
                return copy;
            }

            nodes.Add(node);
            int normal = ForestNode.RandomSplit;
            if (node.Normal != ForestNode.RandomSplit)
            {
                normal = normals.Count;
                normals.Add(Normals[node.Normal]);
            }

            int left = Copy(node.Left), right = Copy(node.Right);
            nodes[copy] = new ForestNode(normal, left, right, node.Offset, node.Scale);
            return copy;
        }
    }
}
