using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>
/// The randomized kd-trees of Silpa-Anan and Hartley, "Optimised KD-trees for fast image descriptor matching" (CVPR 2008), as Muja and
/// Lowe, "Fast approximate nearest neighbors with automatic algorithm configuration" (VISAPP 2009), build and search them in FLANN.
/// </summary>
/// <remarks>
/// <code>
/// Build(rows):   one row: a leaf
///                d = one, chosen at random, of the five dimensions of largest variance in a sample of 100 rows
///                m = mean of the sample in d
///                children: Build(rows with row[d] &lt; m), Build(the others); halves if one of them were empty
/// Search(q, M):  queue = the roots, at bound 0;  checked = {}
///                while |checked| &lt; M and the queue is not empty:
///                  (node, bound) = the queue's nearest
///                  until node is a leaf:
///                    queue the child on the other side of q, at bound + (q[d] - m)^2;  node = the child on q's side
///                  compare the leaf's row, if not yet in checked
/// </code>
/// M is the search's effort. Unlike FLANN it prunes nothing by the bound, which is not a lower bound where a path splits twice on one
/// dimension: an effort of all rows gives the exact answer.
/// </remarks>
internal sealed class RandomizedKdForest : IMeasuredIndex
{
    private const int SampleSize = 100;
    private const int TopDimensions = 5;

    private readonly VectorSet _data;
    private readonly Node[][] _trees;
    private readonly ThreadLocal<(VisitedSet Visited, PriorityQueue<(int Tree, int Node), float> Queue)> _scratch;

    public RandomizedKdForest(VectorSet data, int trees, int threads, long seed = 0)
    {
        _data = data;
        _scratch = new(() => (new VisitedSet(data.Count), new PriorityQueue<(int, int), float>()));
        _trees = new Node[trees][];
        Parallel.For(0, trees, new ParallelOptions { MaxDegreeOfParallelism = threads }, tree =>
            _trees[tree] = Build(data, new SeededRandom(seed, tree)));
    }

    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, int effort)
    {
        (VisitedSet visited, PriorityQueue<(int Tree, int Node), float> queue) = _scratch.Value;
        visited.Clear();
        queue.Clear();
        for (int tree = 0; tree < _trees.Length; tree++)
        {
            queue.Enqueue((tree, 0), 0);
        }

        var nearest = new NeighborHeap(results);
        for (int check = 0; check < effort && queue.TryDequeue(out (int Tree, int Node) at, out float bound);)
        {
            Node[] nodes = _trees[at.Tree];
            Node node = nodes[at.Node];
            while (!node.IsLeaf)
            {
                float beyond = query[node.Dimension] - node.Threshold;
                (int near, int far) = beyond < 0 ? (node.Below, node.Above) : (node.Above, node.Below);
                queue.Enqueue((at.Tree, far), bound + (beyond * beyond));
                node = nodes[near];
            }

            if (visited.Add(node.Row))
            {
                nearest.Offer(node.Row, TensorPrimitives.Distance(query, _data.Row(node.Row)));
                check++;
            }
        }

        return nearest.Sort();
    }

    public long? FileBytes() =>
        ((long)_data.Rows.Length * sizeof(float)) + _trees.Sum(nodes => (long)nodes.Length * Marshal.SizeOf<Node>());

    public void Dispose() => _scratch.Dispose();

    private static Node[] Build(VectorSet data, SeededRandom random)
    {
        int[] rows = [.. Enumerable.Range(0, data.Count)];
        random.Shuffle(rows.AsSpan());
        var nodes = new Node[Math.Max(1, (2 * data.Count) - 1)];
        int count = 1;
        var sum = new float[data.Dimensions];
        var squares = new float[data.Dimensions];
        var open = new Stack<(int Node, int Begin, int End)>([(0, 0, data.Count)]);
        while (open.TryPop(out (int Node, int Begin, int End) part))
        {
            Span<int> own = rows.AsSpan(part.Begin..part.End);
            if (own.Length == 1)
            {
                nodes[part.Node] = Node.Leaf(own[0]);
                continue;
            }

            (int dimension, float threshold) = Split(data, own, sum, squares, ref random);
            int below = 0;
            for (int i = 0; i < own.Length; i++)
            {
                if (data.Row(own[i])[dimension] < threshold)
                {
                    (own[below], own[i]) = (own[i], own[below]);
                    below++;
                }
            }

            // Equal vectors all fall on one side.
            int middle = part.Begin + (below == 0 || below == own.Length ? own.Length / 2 : below);
            nodes[part.Node] = Node.Inner(dimension, threshold, count, count + 1);
            open.Push((count, part.Begin, middle));
            open.Push((count + 1, middle, part.End));
            count += 2;
        }

        return nodes;
    }

    private static (int Dimension, float Threshold) Split(
        VectorSet data, ReadOnlySpan<int> rows, float[] sum, float[] squares, ref SeededRandom random)
    {
        // The rows are in random order, so the first are a sample.
        ReadOnlySpan<int> sample = rows[..Math.Min(SampleSize, rows.Length)];
        Array.Clear(sum);
        Array.Clear(squares);
        foreach (int row in sample)
        {
            TensorPrimitives.Add(sum, data.Row(row), sum);
        }

        TensorPrimitives.Divide(sum, sample.Length, sum);
        foreach (int row in sample)
        {
            ReadOnlySpan<float> vector = data.Row(row);
            for (int i = 0; i < vector.Length; i++)
            {
                float difference = vector[i] - sum[i];
                squares[i] += difference * difference;
            }
        }

        Span<(float Variance, int Dimension)> top = stackalloc (float, int)[Math.Min(TopDimensions, data.Dimensions)];
        top.Fill((-1, 0));
        for (int dimension = 0; dimension < squares.Length; dimension++)
        {
            (float Variance, int Dimension) moving = (squares[dimension], dimension);
            for (int i = 0; i < top.Length; i++)
            {
                if (moving.Variance > top[i].Variance)
                {
                    (moving, top[i]) = (top[i], moving);
                }
            }
        }

        int chosen = top[random.NextInt32(top.Length)].Dimension;
        return (chosen, sum[chosen]);
    }

    /// <summary>A leaf with its row, or an inner node with its children.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Node(int Dimension, float Threshold, int Below, int Above)
    {
        public bool IsLeaf => Dimension < 0;

        public int Row => Below;

        public static Node Leaf(int row) => new(-1, 0, row, row);

        public static Node Inner(int dimension, float threshold, int below, int above) => new(dimension, threshold, below, above);
    }
}
