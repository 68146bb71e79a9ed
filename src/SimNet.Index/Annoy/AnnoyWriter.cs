using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SimNet.Index;

// The order of an Annoy file, as written by save and expected by load (annoylib.h):
//
//   the items, by number
//   the nodes of each tree, children before their parent, so the root is last
//   all roots once more
//
// load takes the number of descendants of the last node as the number of items, and every node from the end backwards with the same number
// of descendants as a root. It recognizes the surplus one, which is the last tree's own root, by its first child.

/// <summary>Writes a forest as an Annoy file.</summary>
internal sealed class AnnoyWriter
{
    private readonly RandomProjectionForest _forest;
    private readonly AnnoyLayout _layout;
    private readonly Stream _stream;
    private readonly CancellationToken _cancellationToken;
    private readonly byte[] _node;
    private int _nodeCount;

    public AnnoyWriter(RandomProjectionForest forest, Stream stream, CancellationToken cancellationToken)
    {
        _forest = forest;
        _layout = AnnoyLayout.Of(forest.Metric, forest.Dimensions)[0];
        _stream = stream;
        _cancellationToken = cancellationToken;
        _node = new byte[_layout.NodeSize];
    }

    private Span<float> Vector => MemoryMarshal.Cast<byte, float>(_node.AsSpan(_layout.VectorAt));

    public void Write()
    {
        WriteItems();
        var roots = new byte[_forest.Trees.Count][];
        for (int tree = 0; tree < roots.Length; tree++)
        {
            WriteTree(_forest.CopyTree(tree));
            roots[tree] = [.. _node];
        }

        foreach (byte[] root in roots)
        {
            _stream.Write(root);
        }
    }

    private void WriteItems()
    {
        double largest = 0;
        for (int id = 0; id < _forest.Count && _forest.Metric == Metric.InnerProduct; id++)
        {
            _forest.GetVector(id, Vector);
            largest = Math.Max(largest, VectorRows.SumOfSquares(Vector));
        }

        for (int id = 0; id < _forest.Count; id++)
        {
            if (id % VectorRows.RowsPerCancellationCheck == 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            Begin(descendants: 1);
            _forest.GetVector(id, Vector);
            double squares = VectorRows.SumOfSquares(Vector);
            if (_forest.Metric == Metric.Cosine)
            {
                WriteSingle(_layout.ChildrenAt, (float)squares);
            }
            else if (_forest.Metric == Metric.InnerProduct)
            {
                // The coordinate that augments all items to the same norm. Searches do not use it, but Annoy writes it.
                WriteSingle(_layout.ConstantAt, (float)Math.Sqrt(largest - squares));
            }

            End();
        }
    }

    /// <summary>Writes a tree, its root last, and returns the node number of the root.</summary>
    private int WriteTree(HyperplaneTree tree)
    {
        (int[] starts, int[] counts) = RowsBelow(tree);
        if (counts[0] <= _layout.Capacity)
        {
            return WriteLeaf(tree.Rows);
        }

        // Backwards: children follow their parent in the tree, and precede it in the file.
        var places = new int[counts.Length];
        for (int i = counts.Length - 1; i >= 0; i--)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (counts[i] <= _layout.Capacity)
            {
                continue;
            }

            HyperplaneTreeNode node = tree.Nodes[i];
            if (node.IsLeaf)
            {
                places[i] = WriteTree(Grow(tree.Rows.AsSpan(starts[i], counts[i])));
            }
            else if (counts[node.Left] == 0 || counts[node.Right] == 0)
            {
                // Annoy has no empty nodes and needs no split with a single child.
                places[i] = places[counts[node.Left] == 0 ? node.Right : node.Left];
            }
            else
            {
                int left = WriteChild(node.Left);
                int right = WriteChild(node.Right);
                places[i] = WriteSplit(node, counts[i], left, right);
            }
        }

        return places[0];

        int WriteChild(int child)
        {
            ReadOnlySpan<int> rows = tree.Rows.AsSpan(starts[child], counts[child]);
            return rows.Length > _layout.Capacity ? places[child] : rows.Length == 1 ? rows[0] : WriteLeaf(rows);
        }
    }

    /// <summary>The range of a tree's rows below each node.</summary>
    private static (int[] Starts, int[] Counts) RowsBelow(HyperplaneTree tree)
    {
        var starts = new int[tree.Nodes.Count];
        var counts = new int[tree.Nodes.Count];
        for (int i = starts.Length - 1; i >= 0; i--)
        {
            HyperplaneTreeNode node = tree.Nodes[i];
            starts[i] = node.IsLeaf ? node.Left : Math.Min(starts[node.Left], starts[node.Right]);
            counts[i] = node.IsLeaf ? node.Right : counts[node.Left] + counts[node.Right];
        }

        return (starts, counts);
    }

    /// <summary>Builds the tree that replaces a leaf with more rows than fit into a node.</summary>
    private HyperplaneTree Grow(ReadOnlySpan<int> rows)
    {
        int dimensions = _forest.Dimensions;
        var vectors = new float[checked(rows.Length * dimensions)];
        for (int i = 0; i < rows.Length; i++)
        {
            _forest.GetVector(rows[i], vectors.AsSpan(i * dimensions, dimensions));
        }

        var options = new RandomProjectionForestOptions { Trees = 1, LeafSize = _layout.Capacity, Seed = _forest.Options.Seed };
        using RandomProjectionForest forest = RandomProjectionForest.Build(
            vectors, dimensions, _forest.Metric, options, cancellationToken: _cancellationToken);
        HyperplaneTree tree = forest.CopyTree(0);
        int[] names = rows.ToArray();
        return new HyperplaneTree { Nodes = tree.Nodes, Rows = Array.ConvertAll(tree.Rows, row => names[row]) };
    }

    private int WriteLeaf(ReadOnlySpan<int> rows)
    {
        // Ascending like Annoy's: if one node holds all items, all trees are equal.
        Begin(rows.Length);
        Span<int> items = MemoryMarshal.Cast<byte, int>(_node.AsSpan(_layout.ChildrenAt))[..rows.Length];
        rows.CopyTo(items);
        items.Sort();
        return End();
    }

    private int WriteSplit(HyperplaneTreeNode node, int descendants, int left, int right)
    {
        Begin(descendants);
        BinaryPrimitives.WriteInt32LittleEndian(_node.AsSpan(_layout.ChildrenAt), left);
        BinaryPrimitives.WriteInt32LittleEndian(_node.AsSpan(_layout.ChildrenAt + sizeof(int)), right);

        // A zero normal is Annoy's own representation of a random split: no query is on either side.
        node.Normal?.CopyTo(Vector);
        if (_layout.ConstantAt >= 0)
        {
            WriteSingle(_layout.ConstantAt, _layout.Constant(node.Offset));
        }

        return End();
    }

    private void Begin(int descendants)
    {
        Array.Clear(_node);
        BinaryPrimitives.WriteInt32LittleEndian(_node, descendants);
    }

    private int End()
    {
        _stream.Write(_node);
        return _nodeCount < int.MaxValue - _forest.Trees.Count
            ? _nodeCount++
            : throw new NotSupportedException($"The forest requires more than {int.MaxValue} nodes, the maximum of an Annoy file.");
    }

    private void WriteSingle(int position, float value) => BinaryPrimitives.WriteSingleLittleEndian(_node.AsSpan(position), value);
}
