using System.Collections;

namespace SimNet.Index;

/// <summary>
/// Reads a forest from a file. If contents are verified, every node except the roots is the child of exactly one earlier node of its tree,
/// and the leaves of each tree contain every row once. Without verification, nodes and leaves are not read, because that takes time;
/// <see cref="ForestTraversal"/> checks each value before it uses it.
/// </summary>
internal static unsafe class ForestFile
{
    public static ForestTrees Read(IndexFileReader file, ScalarQuantizedCodes codes)
    {
        ForestParameters parameters = *file.Items<ForestParameters>(IndexSection.Parameters, 1);
        bool isSound = parameters.Trees >= 1 && parameters.LeafSize >= 1 && (long)parameters.Trees * file.Count <= int.MaxValue
            && parameters.IsCoded is 0 or 1 && parameters.IsRanked is 0 or 1
            && (parameters.IsTuned == 1
                ? parameters.TargetRecall is > 0 and <= 1 && parameters.TargetNeighbors >= 1 && parameters.SearchEffort >= 1
                    && double.IsFinite(parameters.Recall + parameters.StandardError + parameters.Planes + parameters.Candidates)
                : parameters == Untuned(parameters));
        if (!isSound)
        {
            throw file.Invalid(
                IndexSection.Parameters,
                $"{parameters.Trees} trees with up to {parameters.LeafSize} rows per leaf, "
                + $"target recall {parameters.TargetRecall} for {parameters.TargetNeighbors} neighbors; expected positive values");
        }

        long nodeCount = file.ItemCount<ForestNode>(IndexSection.Nodes);
        if (nodeCount > int.MaxValue)
        {
            throw file.Invalid(IndexSection.Nodes, $"{nodeCount} nodes; expected at most {int.MaxValue}");
        }

        bool isCoded = parameters.IsCoded == 1;
        int normalCount;
        float* normals = null;
        sbyte* codedNormals = null;
        if (isCoded)
        {
            long numbers = file.ItemCount<sbyte>(IndexSection.Normals);
            if (numbers % codes.Stride != 0 || numbers / codes.Stride > int.MaxValue)
            {
                throw file.Invalid(IndexSection.Normals, $"{numbers} values are not a multiple of the normals' length, {codes.Stride}");
            }

            normalCount = (int)(numbers / codes.Stride);
            codedNormals = file.Items<sbyte>(IndexSection.Normals, numbers);
        }
        else
        {
            normals = file.Vectors(IndexSection.Normals, out normalCount);
        }

        var trees = new ForestTrees
        {
            Parameters = parameters,
            Roots = file.Items<int>(IndexSection.Roots, parameters.Trees),
            Nodes = file.Items<ForestNode>(IndexSection.Nodes, nodeCount),
            NodeCount = (int)nodeCount,
            Normals = normals,
            CodedNormals = codedNormals,
            NormalCount = normalCount,
            Leaves = file.Items<int>(IndexSection.Leaves, (long)parameters.Trees * file.Count),
        };
        if (file.VerifiesContents)
        {
            CheckNodes(file, trees);
            CheckLeaves(file, trees);
        }

        return trees;
    }

    private static ForestParameters Untuned(in ForestParameters parameters) => new()
    {
        Trees = parameters.Trees,
        LeafSize = parameters.LeafSize,
        Seed = parameters.Seed,
        IsCoded = parameters.IsCoded,
        IsRanked = parameters.IsRanked,
    };

    private static void CheckNodes(IndexFileReader file, ForestTrees trees)
    {
        var isChild = new BitArray(trees.NodeCount);
        int leafStart = 0;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            int root = trees.Roots[tree];
            int end = tree + 1 < trees.Count ? trees.Roots[tree + 1] : trees.NodeCount;
            if (root < 0 || root >= end || end > trees.NodeCount || (tree == 0 && root != 0))
            {
                throw file.Invalid(IndexSection.Roots, $"tree {tree} has nodes {root} to {end} of {trees.NodeCount}");
            }

            for (int number = root; number < end; number++)
            {
                if (number > root && !isChild[number])
                {
                    throw file.Invalid(IndexSection.Nodes, $"node {number} has no parent");
                }

                ForestNode node = trees.Nodes[number];
                if (node.Normal == ForestNode.Leaf)
                {
                    CheckLeaf(file, node, number, leafStart, (tree + 1) * file.Count);
                    leafStart += node.Right;
                    continue;
                }

                if (node.Normal < ForestNode.RandomSplit || node.Normal >= trees.NormalCount
                    || !float.IsFinite(node.Offset) || !float.IsFinite(node.Scale) || node.Scale <= 0)
                {
                    throw file.Invalid(
                        IndexSection.Nodes,
                        $"node {number} has an invalid hyperplane: normal {node.Normal}, offset {node.Offset}, scale {node.Scale}");
                }

                CheckChild(file, isChild, number, node.Left, end);
                CheckChild(file, isChild, number, node.Right, end);
            }

            if (leafStart != (tree + 1) * file.Count)
            {
                throw file.Invalid(IndexSection.Nodes, $"the leaves of tree {tree} do not contain all {file.Count} rows");
            }
        }
    }

    private static void CheckLeaf(IndexFileReader file, ForestNode node, int number, int expectedStart, int limit)
    {
        if (node.Left != expectedStart || node.Right < 0 || node.Right > limit - expectedStart)
        {
            throw file.Invalid(
                IndexSection.Nodes,
                $"leaf {number} has {node.Right} rows starting at {node.Left}; "
                + $"expected at most {limit - expectedStart} starting at {expectedStart}");
        }
    }

    private static void CheckChild(IndexFileReader file, BitArray isChild, int parent, int child, int end)
    {
        if (child <= parent || child >= end || isChild[child])
        {
            throw file.Invalid(
                IndexSection.Nodes, $"node {parent} has child {child}; expected a later node below {end} that has no parent yet");
        }

        isChild[child] = true;
    }

    private static void CheckLeaves(IndexFileReader file, ForestTrees trees)
    {
        var isFound = new BitArray(file.Count);
        for (int tree = 0; tree < trees.Count; tree++)
        {
            isFound.SetAll(false);
            int* rows = trees.Leaves + (tree * file.Count);
            for (int i = 0; i < file.Count; i++)
            {
                if ((uint)rows[i] >= (uint)file.Count || isFound[rows[i]])
                {
                    throw file.Invalid(
                        IndexSection.Leaves,
                        $"tree {tree} contains row {rows[i]} twice, or the row does not exist; there are {file.Count} rows");
                }

                isFound[rows[i]] = true;
            }
        }
    }
}
