using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// The search of Annoy (Bernhardsson 2013), which the e-SimNet paper uses:
//
//   queue <- all roots with margin infinity                   (one queue over all trees)
//   while candidates < effort and queue is not empty:
//     take the node with the largest margin
//     leaf: candidates <- candidates and its rows             (a union: a row counts once)
//     else: d <- signed distance of the query from the node's hyperplane
//           queue <- right child at min(margin, d), left child at min(margin, -d)
//   return the nearest candidates by true distance
//
// Two things differ: candidates are first ranked by their 8-bit codes, and only the best are compared in full precision; and the
// hyperplanes of forests built by this library are in the space of the codes.

/// <summary>Traverses the trees of a forest, best first.</summary>
internal static unsafe class ForestTraversal
{
    private const int Lanes = 4;

    /// <summary>The distance of prefetching, in candidates: processing those in between takes about as long as a memory access.</summary>
    private const int Ahead = 16;

    /// <summary>The number of bytes of a code to prefetch; the hardware prefetcher loads the rest.</summary>
    private const int PrefetchedBytes = 256;

    /// <summary>
    /// Fills the candidates with the rows of the nearest leaves, or with all allowed rows if there are fewer than the effort.
    /// </summary>
    /// <param name="trees">The trees. No value of them is trusted, because they may lie in a file whose contents are not verified.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="codes">The codes of the rows.</param>
    /// <param name="scratch">Holds the query and its code.</param>
    /// <param name="effort">The number of candidates to collect.</param>
    /// <param name="options">The allowed rows.</param>
    public static void Collect(
        ForestTrees trees, VectorRows rows, ScalarQuantizedCodes codes, ForestScratch scratch, long effort, in SearchOptions options)
    {
        scratch.Begin();
        MarginQueue queue = scratch.Queue;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            queue.Push(float.PositiveInfinity, trees.Roots[tree]);
        }

        // No node has two parents, so the limit is reached only in a damaged file.
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

                PrefetchChild(trees, rows, codes, node.Left);
                PrefetchChild(trees, rows, codes, node.Right);
                float distance = (uint)node.Normal < (uint)trees.NormalCount
                    ? Distance(trees, rows, codes, node, scratch)
                    : float.PositiveInfinity;
                float right = MathF.Min(margin, distance);
                float left = MathF.Min(margin, node.Normal == ForestNode.RandomSplit ? distance : -distance);
                (float near, int nearest, float far, int farthest) = right > left || (right == left && node.Right < node.Left)
                    ? (right, node.Right, left, node.Left)
                    : (left, node.Left, right, node.Right);
                queue.Push(far, farthest);

                // The node that would be taken next does not enter the queue.
                if (!queue.IsFirst(near, nearest))
                {
                    queue.Push(near, nearest);
                    break;
                }

                (margin, number) = (near, nearest);
            }
        }
    }

    /// <summary>Fills the pool with the candidates whose codes are nearest to the query's.</summary>
    /// <param name="codes">The codes of the rows.</param>
    /// <param name="scratch">Holds the query's code and the candidates.</param>
    /// <param name="capacity">The size of the pool.</param>
    public static void Rank(ScalarQuantizedCodes codes, ForestScratch scratch, int capacity)
    {
        CandidatePool pool = scratch.Pool;
        pool.Begin(capacity);
        int count = scratch.CandidateCount, stride = codes.Stride;
        int* candidates = scratch.Reserve(Lanes + Ahead);
        short* query = scratch.Code.Code;

        // Complete the last group, and the prefetched ones, with copies of the last row.
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
                query,
                codes.Code(candidates[i]),
                codes.Code(candidates[i + 1]),
                codes.Code(candidates[i + 2]),
                codes.Code(candidates[i + 3]),
                stride);
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

    /// <summary>
    /// Prefetches what a child refers to while its parent is evaluated. Nothing is read, so invalid addresses are harmless.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchChild(ForestTrees trees, VectorRows rows, ScalarQuantizedCodes codes, int child)
    {
        if ((uint)child < (uint)trees.NodeCount)
        {
            ref readonly ForestNode node = ref trees.Nodes[child];
            void* start = node.Normal < 0 ? trees.Leaves + node.Left
                : trees.CodedNormals != null ? trees.CodedNormals + ((long)node.Normal * codes.Stride)
                : trees.Normals + ((long)node.Normal * rows.Stride);
            Prefetch.Lines(start, 128);
        }
    }

    private static void AddLeaf(
        ForestTrees trees, int rowCount, in ForestNode leaf, ForestScratch scratch, in SearchOptions options, ScalarQuantizedCodes codes)
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
            // Whether a row was visited is unpredictable, so no branch depends on it.
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
