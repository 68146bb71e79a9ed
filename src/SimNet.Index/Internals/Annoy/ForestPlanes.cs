namespace SimNet.Index;

/// <summary>The trees of a forest as <see cref="PlaneTree"/>s and back: all that the code for Annoy's files knows of how a forest keeps them.</summary>
internal static unsafe class ForestPlanes
{
    /// <summary>Copies a tree out of a forest, whose memory the caller keeps.</summary>
    public static PlaneTree Read(ForestTrees trees, int dimensions, int tree)
    {
        int stride = VectorRows.StrideOf(dimensions);
        var nodes = new List<PlaneTreeNode>();
        var rows = new List<int>();
        var open = new Stack<(int Number, int Parent, bool IsRight)>();
        open.Push((trees.Roots[tree], -1, false));
        while (open.TryPop(out (int Number, int Parent, bool IsRight) work))
        {
            ForestNode node = trees.Nodes[work.Number];
            Link(nodes, work.Parent, work.IsRight);
            if (node.Normal == ForestNode.Leaf)
            {
                nodes.Add(new PlaneTreeNode(true, rows.Count, node.Right));
                rows.AddRange(new ReadOnlySpan<int>(trees.Leaves + node.Left, node.Right));
                continue;
            }

            float[]? normal = node.Normal == ForestNode.Halved
                ? null
                : new ReadOnlySpan<float>(trees.Normals + ((long)node.Normal * stride), dimensions).ToArray();
            open.Push((node.Right, nodes.Count, true));
            open.Push((node.Left, nodes.Count, false));
            nodes.Add(new PlaneTreeNode(false, 0, 0, normal, node.Offset));
        }

        return new PlaneTree { Nodes = nodes, Rows = [.. rows] };
    }

    /// <summary>Makes the node that is added next the child of one before it; -1 is no node.</summary>
    public static void Link(List<PlaneTreeNode> nodes, int parent, bool isRight)
    {
        if (parent >= 0)
        {
            nodes[parent] = isRight ? nodes[parent] with { Right = nodes.Count } : nodes[parent] with { Left = nodes.Count };
        }
    }

    /// <summary>A forest of these trees, each of which has every row; it owns the memory, which the rows lie in.</summary>
    public static RandomProjectionForest Join(IReadOnlyList<PlaneTree> trees, int leafSize, VectorRows rows, IndexMemory memory, CancellationToken cancellationToken)
    {
        int nodeCount = trees.Sum(tree => tree.Nodes.Count);
        int normalCount = trees.Sum(tree => tree.Nodes.Count(node => node.Normal is not null));
        int* roots = memory.Allocate<int>(trees.Count);
        ForestNode* nodes = memory.Allocate<ForestNode>(nodeCount);
        float* normals = memory.Allocate<float>((long)normalCount * rows.Stride);
        int* leaves = memory.Allocate<int>((long)rows.Count * trees.Count);
        int node = 0, normal = 0;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            int firstNode = node, firstLeaf = tree * rows.Count;
            roots[tree] = firstNode;
            trees[tree].Rows.CopyTo(new Span<int>(leaves + firstLeaf, rows.Count));
            foreach (PlaneTreeNode local in trees[tree].Nodes)
            {
                if (local.IsLeaf)
                {
                    nodes[node++] = new ForestNode(ForestNode.Leaf, firstLeaf + local.Left, local.Right);
                    continue;
                }

                int plane = ForestNode.Halved;
                if (local.Normal is not null)
                {
                    plane = normal++;
                    var stored = new Span<float>(normals + ((long)plane * rows.Stride), rows.Stride);
                    local.Normal.CopyTo(stored);
                    stored[rows.Dimensions..].Clear();
                }

                nodes[node++] = new ForestNode(plane, firstNode + local.Left, firstNode + local.Right, local.Offset);
            }
        }

        var joined = new ForestTrees
        {
            Options = new RandomProjectionForestOptions { Trees = trees.Count, LeafSize = leafSize },
            Roots = roots,
            Nodes = nodes,
            NodeCount = nodeCount,
            Normals = normals,
            NormalCount = normalCount,
            Leaves = leaves,
        };
        return new RandomProjectionForest(RowStore.Build(rows, memory, maxThreads: 0, cancellationToken), joined);
    }
}
