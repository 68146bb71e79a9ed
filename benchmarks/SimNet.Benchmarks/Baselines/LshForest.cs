using System.Numerics.Tensors;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>
/// The LSH Forest of Bawa, Condie and Ganesan, "LSH Forest: self-tuning indexes for similarity search" (WWW 2005), with which e-SimNet
/// compares itself. A hash is the side of a random hyperplane through the data's mean (Charikar, 2002). Sorted labels of at most 32 bits
/// serve as the prefix tree: the descendants of a node are a range of them.
/// </summary>
/// <remarks>
/// <code>
/// Build:   for each tree i of l:  label(row) = h_i1(row) h_i2(row) ... h_ik(row);  insert the row at its label
/// Search:  for each tree i:  s_i = the node with the longest prefix of the query's label that has descendants;  x_i = its depth
///          x = max x_i;  P = {}
///          while x ≥ 0 and |P| &lt; M:                                    (SYNCHASCEND)
///            for each tree i with x_i = x:  P = P + descendants(s_i);  s_i = parent(s_i);  x_i = x - 1
///            x = x - 1
///          the nearest of P, by true distance
/// </code>
/// M is the search's effort; a search that reaches the roots first takes all rows.
/// </remarks>
internal sealed class LshForest : IMeasuredIndex
{
    private const int Bits = 32;

    private readonly VectorSet _data;
    private readonly float[] _mean;

    /// <summary>The hyperplanes' normals, of standard Gaussian numbers: tree after tree, bit after bit.</summary>
    private readonly float[] _normals;

    /// <summary>The sorted labels of each tree and the rows that they belong to.</summary>
    private readonly (uint[] Labels, int[] Rows)[] _trees;

    private readonly ThreadLocal<VisitedSet> _visited;

    public LshForest(VectorSet data, int trees, int threads, long seed = 0)
    {
        int dimensions = data.Dimensions;
        _data = data;
        _mean = new float[dimensions];
        _visited = new ThreadLocal<VisitedSet>(() => new VisitedSet(data.Count));
        for (int row = 0; row < data.Count; row++)
        {
            TensorPrimitives.MultiplyAdd(data.Row(row), 1f / data.Count, _mean, _mean);
        }

        var random = new SeededRandom(seed);
        _normals = new float[trees * Bits * dimensions];
        for (int i = 0; i < _normals.Length; i++)
        {
            _normals[i] = (float)random.NextGaussian();
        }

        _trees = new (uint[], int[])[trees];
        Parallel.For(0, trees, new ParallelOptions { MaxDegreeOfParallelism = threads }, tree =>
        {
            uint[] labels = [.. Enumerable.Range(0, data.Count).Select(row => Label(tree, data.Row(row)))];
            int[] rows = [.. Enumerable.Range(0, data.Count)];
            Array.Sort(labels, rows);
            _trees[tree] = (labels, rows);
        });
    }

    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, int effort)
    {
        Span<uint> labels = stackalloc uint[_trees.Length];
        Span<int> depths = stackalloc int[_trees.Length];

        // The range of each tree's sorted labels that has been taken already.
        Span<(int Begin, int End)> taken = stackalloc (int, int)[_trees.Length];
        int depth = 0;
        for (int tree = 0; tree < _trees.Length; tree++)
        {
            labels[tree] = Label(tree, query);
            depths[tree] = LongestPrefix(_trees[tree].Labels, labels[tree]);
            depth = Math.Max(depth, depths[tree]);
        }

        VisitedSet visited = _visited.Value!;
        visited.Clear();
        var nearest = new NeighborHeap(results);
        int candidates = 0;
        for (; depth >= 0 && candidates < effort; depth--)
        {
            for (int tree = 0; tree < _trees.Length; tree++)
            {
                if (depths[tree] < depth)
                {
                    continue;
                }

                (int begin, int end) = Descendants(_trees[tree].Labels, labels[tree], depth);
                (int takenBegin, int takenEnd) = taken[tree].End == 0 ? (begin, begin) : taken[tree];
                for (int at = begin; at < end; at++)
                {
                    if (at == takenBegin)
                    {
                        at = takenEnd;
                        if (at >= end)
                        {
                            break;
                        }
                    }

                    int row = _trees[tree].Rows[at];
                    if (visited.Add(row))
                    {
                        nearest.Offer(row, TensorPrimitives.Distance(query, _data.Row(row)));
                        candidates++;
                    }
                }

                taken[tree] = (begin, end);
            }
        }

        return nearest.Sort();
    }

    public long? FileBytes() => ((long)_data.Rows.Length + _normals.Length + _mean.Length) * sizeof(float)
        + ((long)_trees.Length * _data.Count * (sizeof(uint) + sizeof(int)));

    public void Dispose() => _visited.Dispose();

    /// <summary>A vector's sides of a tree's hyperplanes, the first in the highest bit.</summary>
    private uint Label(int tree, ReadOnlySpan<float> vector)
    {
        uint label = 0;
        for (int bit = 0; bit < Bits; bit++)
        {
            ReadOnlySpan<float> normal = _normals.AsSpan(((tree * Bits) + bit) * _data.Dimensions, _data.Dimensions);
            label = (label << 1) | (TensorPrimitives.Dot(vector, normal) >= TensorPrimitives.Dot(_mean, normal) ? 1u : 0u);
        }

        return label;
    }

    /// <summary>The length of the longest prefix that a label shares with any sorted one, which is one of those next to it.</summary>
    private static int LongestPrefix(uint[] sorted, uint label)
    {
        int at = FirstNotBelow(sorted, label);
        int after = at < sorted.Length ? System.Numerics.BitOperations.LeadingZeroCount(sorted[at] ^ label) : 0;
        int before = at > 0 ? System.Numerics.BitOperations.LeadingZeroCount(sorted[at - 1] ^ label) : 0;
        return Math.Max(after, before);
    }

    /// <summary>The range of labels that share the first <paramref name="depth"/> bits with a label.</summary>
    private static (int Begin, int End) Descendants(uint[] sorted, uint label, int depth)
    {
        ulong size = 1UL << (Bits - depth);
        ulong first = label / size * size;
        return (FirstNotBelow(sorted, first), FirstNotBelow(sorted, first + size));
    }

    private static int FirstNotBelow(uint[] sorted, ulong value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
