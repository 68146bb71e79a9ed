namespace SimNet.Index;

/// <summary>Converts the trees of a forest to <see cref="HyperplaneTree"/> and back, for reading and writing Annoy files.</summary>
internal static unsafe class HyperplaneTrees
{
    /// <summary>Copies a tree of a forest. The caller keeps the forest's memory alive.</summary>
    public static HyperplaneTree Read(ForestTrees trees, VectorRows vectors, ScalarQuantizedCodes codes, int tree)
    {
        var nodes = new List<HyperplaneTreeNode>();
        var rows = new List<int>();
        var open = new Stack<(int Number, int Parent, bool IsRight)>();
        open.Push((trees.Roots[tree], -1, false));
        while (open.TryPop(out (int Number, int Parent, bool IsRight) work))
        {
            ForestNode node = trees.Nodes[work.Number];
            Link(nodes, work.Parent, work.IsRight);
            if (node.Normal == ForestNode.Leaf)
            {
                nodes.Add(new HyperplaneTreeNode(true, rows.Count, node.Right));
                rows.AddRange(new ReadOnlySpan<int>(trees.Leaves + node.Left, node.Right));
                continue;
            }

            float offset = node.Offset;
            float[]? normal = node.Normal == ForestNode.RandomSplit ? null
                : trees.CodedNormals != null
                    ? ToVectorSpace(trees.CodedNormals + ((long)node.Normal * codes.Stride), node, vectors, codes, out offset)
                : new ReadOnlySpan<float>(trees.Normals + ((long)node.Normal * vectors.Stride), vectors.Dimensions).ToArray();
            open.Push((node.Right, nodes.Count, true));
            open.Push((node.Left, nodes.Count, false));
            nodes.Add(new HyperplaneTreeNode(false, 0, 0, normal, offset));
        }

        return new HyperplaneTree { Nodes = nodes, Rows = [.. rows] };
    }

    /// <summary>
    /// Transforms a hyperplane from the space of the codes to that of the vectors. With the code W (x - mean) · scale / step and the unit
    /// normal n, the distance n·code + offset is, in the units of the vectors, (Wᵀn)·x - (Wᵀn)·mean + offset · step / scale. The
    /// last coordinate of augmented vectors is dropped, because it is 0 for queries. For cosine and inner product, hyperplanes pass through
    /// the origin.
    /// </summary>
    private static float[] ToVectorSpace(sbyte* coded, in ForestNode node, VectorRows vectors, ScalarQuantizedCodes codes, out float offset)
    {
        Projection projection = codes.Projection;
        var normal = new double[projection.Dimensions];
        for (int i = 0; i < projection.CodeDimensions; i++)
        {
            double number = coded[i] * (double)node.Scale;
            if (projection.Basis == null)
            {
                normal[i] = number;
                continue;
            }

            float* direction = projection.Basis + ((long)i * projection.Stride);
            for (int d = 0; d < normal.Length; d++)
            {
                normal[d] += number * direction[d];
            }
        }

        double distance = node.Offset * (double)codes.Step / projection.Scale;
        for (int d = 0; d < normal.Length; d++)
        {
            distance -= normal[d] * projection.Mean[d];
        }

        offset = vectors.Metric == Metric.Euclidean ? (float)distance : 0;
        return Array.ConvertAll(normal[..vectors.Dimensions], number => (float)number);
    }

    /// <summary>Makes the node that is added next the child of an earlier node; -1 means no parent.</summary>
    public static void Link(List<HyperplaneTreeNode> nodes, int parent, bool isRight)
    {
        if (parent >= 0)
        {
            nodes[parent] = isRight ? nodes[parent] with { Right = nodes.Count } : nodes[parent] with { Left = nodes.Count };
        }
    }

    /// <summary>Creates a forest from trees that each contain every row. The forest owns the memory, in which the rows lie.</summary>
    public static RandomProjectionForest Join(
        IReadOnlyList<HyperplaneTree> trees, int leafSize, VectorRows rows, IndexMemory memory, CancellationToken cancellationToken)
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
            foreach (HyperplaneTreeNode local in trees[tree].Nodes)
            {
                if (local.IsLeaf)
                {
                    nodes[node++] = new ForestNode(ForestNode.Leaf, firstLeaf + local.Left, local.Right);
                    continue;
                }

                int plane = ForestNode.RandomSplit;
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

        RowStore store = RowStore.Build(rows, memory, maxThreads: 0, cancellationToken);
        ParallelOptions parallel = RowStore.Parallelism(maxThreads: 0, cancellationToken);
        bool isRanked = CodeRecall.Serves(store, ForestSearch.UsualRerankCount, parallel);
        var joined = new ForestTrees
        {
            Parameters = new ForestParameters { Trees = trees.Count, LeafSize = leafSize, IsRanked = isRanked ? 1 : 0 },
            Roots = roots,
            Nodes = nodes,
            NodeCount = nodeCount,
            Normals = normals,
            NormalCount = normalCount,
            Leaves = leaves,
        };
        return new RandomProjectionForest(store, joined, estimatedRecall: null);
    }
}
