using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// The search, as the paper has it from Annoy:
//
//   queue <- all roots, at infinity                          (one queue over all trees)
//   while candidates < effort and queue is not empty:
//     take the node with the largest margin
//     leaf: candidates <- candidates and its rows            (a union: a row counts once)
//     else: d <- distance of the query from the node's plane, positive on the right
//           queue <- right child at min(margin, d), left child at min(margin, -d)
//   return the nearest candidates by true distance
//
// Ours is the last line: candidates are first ranked by their 8-bit codes, and only the best are compared number by number. And planes
// that the forest itself has grown are in the space of codes.

/// <summary>Goes down the trees of a forest towards a query.</summary>
internal static unsafe class ForestTraversal
{
    private const int Lanes = 4;

    /// <summary>So many candidates ahead their codes are asked for: those in between take about as long as memory does.</summary>
    private const int Ahead = 16;

    /// <summary>What comes after this much of a code the processor foresees.</summary>
    private const int PrefetchedBytes = 256;

    /// <summary>Fills the scratch's candidates with the rows of the nearest leaves, or with all that are allowed if they are fewer than the effort.</summary>
    /// <param name="trees">What to go down. Nothing in it is believed: it may lie in a file that was not verified.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="codes">Their codes.</param>
    /// <param name="scratch">Holds the query and its code.</param>
    /// <param name="effort">So many candidates are enough.</param>
    /// <param name="options">Which rows may be candidates.</param>
    public static void Collect(ForestTrees trees, VectorRows rows, ScalarQuantizedCodes codes, ForestScratch scratch, long effort, in SearchOptions options)
    {
        scratch.Begin();
        MarginQueue queue = scratch.Queue;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            queue.Push(float.PositiveInfinity, trees.Roots[tree]);
        }

        // No node is the child of two, so this is only met where a file is damaged.
        long limit = (long)trees.NodeCount + trees.Count;
        while (scratch.CandidateCount < effort && limit > 0 && queue.TryPop(out float margin, out int number))
        {
            while (limit-- > 0 && (uint)number < (uint)trees.NodeCount)
            {
                ref readonly ForestNode node = ref trees.Nodes[number];
                if (node.Normal == ForestNode.Leaf)
                {
                    AddLeaf(trees, rows.Count, node, scratch, options, codes);
                    break;
                }

                PrefetchChild(trees, codes, node.Left);
                PrefetchChild(trees, codes, node.Right);
                float distance = (uint)node.Normal < (uint)trees.NormalCount ? Distance(trees, rows, codes, node, scratch) : float.PositiveInfinity;
                float right = MathF.Min(margin, distance), left = MathF.Min(margin, node.Normal == ForestNode.RandomSplit ? distance : -distance);
                (float near, int nearest, float far, int farthest) = right > left || (right == left && node.Right < node.Left)
                    ? (right, node.Right, left, node.Left)
                    : (left, node.Left, right, node.Right);
                queue.Push(far, farthest);

                // What would be taken next anyway needs not wait.
                if (!queue.IsFirst(near, nearest))
                {
                    queue.Push(near, nearest);
                    break;
                }

                (margin, number) = (near, nearest);
            }
        }
    }

    /// <summary>Fills the scratch's pool with the candidates whose codes are nearest to the query's.</summary>
    /// <param name="codes">The rows' codes.</param>
    /// <param name="scratch">Holds the query's code and the candidates.</param>
    /// <param name="capacity">How many.</param>
    public static void Rank(ScalarQuantizedCodes codes, ForestScratch scratch, int capacity)
    {
        CandidatePool pool = scratch.Pool;
        pool.Begin(capacity);
        int count = scratch.CandidateCount, stride = codes.Stride;
        int* candidates = scratch.Reserve(Lanes + Ahead);
        short* query = scratch.Code.Code;

        // Whole groups: the last row stands in for those missing, and for those ahead.
        for (int i = 0; i < Lanes + Ahead; i++)
        {
            candidates[count + i] = candidates[count - 1];
        }

        for (int i = 0; i < count; i += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                Prefetch.Lines(codes.Code(candidates[i + Ahead + lane]), Math.Min(stride, PrefetchedBytes));
            }

            Vector128<int> distances = CodeDistanceKernel.Compute(
                query, codes.Code(candidates[i]), codes.Code(candidates[i + 1]), codes.Code(candidates[i + 2]), codes.Code(candidates[i + 3]), stride);
            if (!Vector128.LessThanAny(distances, Vector128.Create(pool.Limit)))
            {
                continue;
            }

            int lanes = Math.Min(Lanes, count - i);
            for (int lane = 0; lane < lanes; lane++)
            {
                pool.Offer(candidates[i + lane], distances[lane]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Distance(ForestTrees trees, VectorRows rows, ScalarQuantizedCodes codes, in ForestNode node, ForestScratch scratch)
    {
        scratch.PlaneCount++;
        float product = trees.CodedNormals != null
            ? CodeDotKernel.Compute(scratch.Code.Code, trees.CodedNormals + ((long)node.Normal * codes.Stride), codes.Stride)
            : DotKernel.Compute(trees.Normals + ((long)node.Normal * rows.Stride), scratch.Query.Pointer, rows.Stride);
        return (product * node.Scale) + node.Offset;
    }

    /// <summary>Asks for what a node leads to, while its parent's plane is being looked at: right or wrong, nothing is read by this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchChild(ForestTrees trees, ScalarQuantizedCodes codes, int child)
    {
        if ((uint)child < (uint)trees.NodeCount)
        {
            ref readonly ForestNode node = ref trees.Nodes[child];
            void* start = node.Normal >= 0 ? trees.CodedNormals + ((long)node.Normal * codes.Stride) : trees.Leaves + node.Left;
            Prefetch.Lines(start, 128);
        }
    }

    private static void AddLeaf(ForestTrees trees, int rowCount, in ForestNode leaf, ForestScratch scratch, in SearchOptions options, ScalarQuantizedCodes codes)
    {
        int start = leaf.Left, length = leaf.Right;
        if (start < 0 || length < 0 || length > rowCount || start > ((long)rowCount * trees.Count) - length)
        {
            return;
        }

        int* candidates = scratch.Reserve(length), rows = trees.Leaves + start;
        int count = scratch.CandidateCount;
        VisitedSet visited = scratch.Visited;
        if (options.IsFiltered)
        {
            for (int i = 0; i < length; i++)
            {
                int row = rows[i];
                if ((uint)row < (uint)rowCount && visited.Add(row) && options.Allows(row))
                {
                    candidates[count++] = row;
                }
            }
        }
        else
        {
            // Whether a row was met is anyone's guess, the processor's too: no branch depends on it.
            for (int i = 0; i < length && (uint)rows[i] < (uint)rowCount; i++)
            {
                candidates[count] = rows[i];
                count += visited.Add(rows[i]) ? 1 : 0;
                Prefetch.Lines(codes.Code(rows[i]), Math.Min(codes.Stride, PrefetchedBytes));
            }
        }

        scratch.CandidateCount = count;
        scratch.LeafRowCount += length;
    }
}
