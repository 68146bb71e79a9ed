namespace SimNet.Index;

/// <summary>A tree as built. Nodes, normals and leaf positions are numbered from the tree's own start.</summary>
/// <param name="Nodes">The nodes in depth-first order, parents first.</param>
/// <param name="Normals">The normals in the order of the nodes, as they are stored.</param>
internal sealed record GrownTree(List<ForestNode> Nodes, List<byte[]> Normals)
{
    /// <summary>The tree that a build with larger leaves gives, except for the order of the rows in a leaf.</summary>
    public GrownTree Prune(int leafSize)
    {
        // Backwards: children follow their parent, so the range of a child is known before that of its parent.
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
        var normals = new List<byte[]>();
        Copy(0);
        return new GrownTree(nodes, normals);

        // The recursion is as deep as the tree, whose depth is limited.
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
