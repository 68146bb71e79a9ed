using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SimNet.Index;

/// <summary>
/// Reads a file of Annoy's, which has neither header nor checksum: nothing in it is believed. Each tree must have every item once, no node
/// may be reached twice, and no more memory is taken than a small multiple of the file's length. See <see cref="AnnoyWriter"/> for the order of nodes.
/// </summary>
internal sealed unsafe class AnnoyReader
{
    /// <summary>Annoy sums single numbers one by one.</summary>
    private const double LengthTolerance = 0.01;

    /// <summary>Below this a single number loses digits.</summary>
    private const double SmallestNormal = 1.2e-38;

    private readonly string _path;
    private readonly Metric _metric;
    private readonly AnnoyLayout _layout;
    private readonly byte* _start;
    private readonly int _nodeCount;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Nodes of trees that have been read: none may be read again.</summary>
    private readonly BitArray _isRead;

    /// <summary>How many numbers there are for items, whether they were added or not.</summary>
    private readonly int _itemCount;

    /// <summary>Each item's row, -1 for one that was never added.</summary>
    private readonly int[] _rows;

    private AnnoyReader(string path, Metric metric, AnnoyLayout layout, IndexMemory file, long length, CancellationToken cancellationToken)
    {
        _path = path;
        _metric = metric;
        _layout = layout;
        _start = file.Start;
        _cancellationToken = cancellationToken;
        _nodeCount = length / layout.NodeSize <= int.MaxValue
            ? (int)(length / layout.NodeSize)
            : throw Invalid("file", $"has {length / layout.NodeSize} nodes; expected at most {int.MaxValue}");
        _itemCount = Descendants(_nodeCount - 1);
        if (_itemCount < 0 || _itemCount >= _nodeCount)
        {
            throw Invalid("roots", $"node {_nodeCount - 1}, the last, has {_itemCount} descendants; expected 0 to {_nodeCount - 1}. {Hint}");
        }

        _rows = FindItems(out int[] items);
        Items = items;
        _isRead = new BitArray(_nodeCount);
    }

    /// <summary>Each row's item.</summary>
    private int[] Items { get; }

    private static string Hint => "Is the file Annoy's, and of this metric and number of dimensions?";

    /// <param name="path">The file.</param>
    /// <param name="dimensions">How many numbers a vector has.</param>
    /// <param name="metric">What its planes were made for.</param>
    /// <param name="items">Receives the number in the file of each row.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The mapping closes the stream.")]
    public static RandomProjectionForest Read(string path, int dimensions, Metric metric, out int[] items, CancellationToken cancellationToken)
    {
        IndexFileHeader.RequireLittleEndian();
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        long length = stream.Length;
        AnnoyLayout[] all = AnnoyLayout.Of(metric, dimensions);
        AnnoyLayout[] layouts = [.. all.Where(layout => length > 0 && length % layout.NodeSize == 0)];
        if (layouts.Length == 0)
        {
            stream.Dispose();
            string sizes = string.Join(" or ", all.Select(layout => layout.NodeSize));
            throw new IndexFormatException(path, "file", $"has {length} bytes; expected a whole number of nodes of {sizes} bytes. {Hint}");
        }

        using IndexMemory file = IndexMemory.Map(stream);
        IndexFormatException? refusal = null;
        foreach (AnnoyLayout layout in layouts)
        {
            try
            {
                var reader = new AnnoyReader(path, metric, layout, file, length, cancellationToken);
                items = reader.Items;
                return reader.ReadForest();
            }
            catch (IndexFormatException exception)
            {
                // The length fits another layout too: a file of one does not make sense as the other.
                refusal ??= exception;
            }
        }

        throw refusal!;
    }

    private RandomProjectionForest ReadForest()
    {
        List<int> roots = FindRoots();

        // A node has at most as many items below it as fit in it, or two children: so many trees of so many items must have enough nodes.
        long placed = (long)Items.Length * roots.Count;
        if (placed > int.MaxValue || placed > (long)_layout.Capacity * (_nodeCount - _itemCount))
        {
            throw Invalid("roots", $"{roots.Count} trees of {Items.Length} items do not fit in {_nodeCount - _itemCount} nodes");
        }

        var trees = new HyperplaneTree[roots.Count];
        for (int tree = 0; tree < trees.Length; tree++)
        {
            trees[tree] = ReadTree(roots[tree]);
        }

        var memory = new IndexMemory();
        try
        {
            return HyperplaneTrees.Join(trees, _layout.Capacity, ReadRows(memory), memory, _cancellationToken);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private int[] FindItems(out int[] items)
    {
        var rows = new int[_itemCount];
        var found = new List<int>(_itemCount);
        for (int item = 0; item < _itemCount; item++)
        {
            int descendants = Descendants(item);
            if (descendants is not (0 or 1))
            {
                throw Invalid("items", $"node {item} has {descendants} descendants; expected 1, or 0 for an item never added. {Hint}");
            }

            rows[item] = descendants == 1 ? found.Count : -1;
            if (descendants == 1)
            {
                found.Add(item);
            }
        }

        items = [.. found];
        return rows;
    }

    /// <summary>The nodes at the end that have all items below them.</summary>
    private List<int> FindRoots()
    {
        if (Items.Length == 0)
        {
            // An index without items is all zeros.
            for (int node = 0; node < _nodeCount; node++)
            {
                if (Node(node).ContainsAnyExcept((byte)0))
                {
                    throw Invalid("roots", $"node {_nodeCount - 1}, the last, has no items below it, but node {node} is not zero. {Hint}");
                }
            }
        }

        // Where all items fit in one node, trees are nothing but that, all the same: one of them will do.
        int last = _nodeCount - 1;
        if (_itemCount <= _layout.Capacity)
        {
            for (int node = _itemCount; node < last; node++)
            {
                if (!Node(node).SequenceEqual(Node(last)))
                {
                    throw Invalid("roots", $"node {node} is not the same as node {last}, the last; expected one root and its copies. {Hint}");
                }
            }

            return (_nodeCount - _itemCount) % 2 == 0
                ? [last]
                : throw Invalid("roots", $"{_nodeCount - _itemCount} nodes after the items; expected as many copies of roots as roots. Is the file whole?");
        }

        // Before the copies of the roots stands at least one root itself. Were the file cut off, its copy would be gone.
        var roots = new List<int>();
        var distinct = new HashSet<UInt128>();
        int copies = 0;
        for (int node = last; node >= _itemCount && Descendants(node) == _itemCount; node--)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (distinct.Add(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Node(node)))))
            {
                roots.Add(node);
            }
            else
            {
                copies++;
            }
        }

        if (copies == 0)
        {
            throw Invalid("roots", $"the last {roots.Count} nodes are roots, but not copies of roots. Is the file whole? {Hint}");
        }

        roots.Reverse();
        return roots;
    }

    private HyperplaneTree ReadTree(int root)
    {
        var nodes = new List<HyperplaneTreeNode>();
        var rows = new int[Items.Length];
        var isPlaced = new BitArray(Items.Length);
        int placed = 0;
        var open = new Stack<(int Number, int Parent, bool IsRight)>();
        open.Push((root, -1, false));
        while (open.TryPop(out (int Number, int Parent, bool IsRight) work))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            HyperplaneTrees.Link(nodes, work.Parent, work.IsRight);
            int number = work.Number;
            if (number < _itemCount)
            {
                nodes.Add(new HyperplaneTreeNode(true, placed, 1));
                Place(number, number);
                continue;
            }

            if (_isRead[number])
            {
                throw Invalid("nodes", $"node {number} is the child of two nodes");
            }

            _isRead[number] = true;
            ReadOnlySpan<byte> node = Node(number);
            int descendants = Descendants(number);
            if (descendants < 0 || descendants > _itemCount)
            {
                throw Invalid("nodes", $"node {number} has {descendants} descendants; expected 0 to {_itemCount}");
            }

            // A root counts items that were never added as well, though none of its nodes has them, and with one item it is no split.
            int count = number == root ? Items.Length : descendants;
            if (descendants <= _layout.Capacity || (number == root && count == 1))
            {
                nodes.Add(new HyperplaneTreeNode(true, placed, count));
                foreach (int item in MemoryMarshal.Cast<byte, int>(node[_layout.ChildrenAt..])[..count])
                {
                    Place(item, number);
                }

                continue;
            }

            // Among equal margins Annoy takes the node further back in the file first, we the one further to the front: hence the later one comes first.
            (int Number, int Parent, bool IsRight) left = (Child(node, number, 0), nodes.Count, false), right = (Child(node, number, 1), nodes.Count, true);
            open.Push(left.Number < right.Number ? left : right);
            open.Push(left.Number < right.Number ? right : left);
            nodes.Add(ReadSplit(node, number));
        }

        return placed == rows.Length
            ? new HyperplaneTree { Nodes = nodes, Rows = rows }
            : throw Invalid("nodes", $"root {root} has {placed} items below it; expected {rows.Length}");

        void Place(int item, int number)
        {
            int row = (uint)item < (uint)_itemCount ? _rows[item] : -1;
            if (row < 0 || isPlaced[row])
            {
                throw Invalid("nodes", $"node {number} has item {item}, which is not among the items or occurs twice below root {root}");
            }

            isPlaced[row] = true;
            rows[placed++] = row;
        }
    }

    private HyperplaneTreeNode ReadSplit(ReadOnlySpan<byte> node, int number)
    {
        ReadOnlySpan<float> normal = Vector(node);
        double squares = VectorRows.SumOfSquares(normal);

        // Not to the last digit: Annoy takes roots and sums of single numbers. And its normals for products have a coordinate more.
        if (!(squares <= 2))
        {
            throw Invalid("nodes", $"node {number} has a normal with a squared length of {squares:g6}; expected at most 1");
        }

        float offset = _layout.Offset(node);
        if (!float.IsFinite(offset))
        {
            throw Invalid("nodes", $"node {number} has a plane with the offset {offset}; expected a finite number");
        }

        return squares == 0 ? new HyperplaneTreeNode(false, 0, 0) : new HyperplaneTreeNode(false, 0, 0, normal.ToArray(), offset);
    }

    private int Child(ReadOnlySpan<byte> node, int number, int side)
    {
        int child = BinaryPrimitives.ReadInt32LittleEndian(node[(_layout.ChildrenAt + (side * sizeof(int)))..]);
        return (uint)child < (uint)_nodeCount ? child : throw Invalid("nodes", $"node {number} has child {child}; expected one of {_nodeCount} nodes");
    }

    private VectorRows ReadRows(IndexMemory memory)
    {
        CheckLengths();
        long length = (long)Items.Length * VectorRows.StrideOf(_layout.Dimensions);
        var rows = new VectorRows(memory.Allocate<float>(length), Items.Length, _layout.Dimensions, _metric, memory);
        for (int row = 0; row < rows.Count; row++)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            rows.StoreQuery(Vector(Node(Items[row])), rows.Row(row));
        }

        return rows;
    }

    /// <summary>Checks each vector, and the length that its node gives it.</summary>
    private void CheckLengths()
    {
        double largest = 0;
        for (int row = 0; row < Items.Length; row++)
        {
            double squares = VectorRows.SumOfSquares(Vector(Node(Items[row])));
            if (!(squares <= VectorRows.MaxNorm * VectorRows.MaxNorm))
            {
                throw Invalid("items", $"node {Items[row]} has a number that is not finite or too large");
            }

            largest = Math.Max(largest, squares);
        }

        for (int row = 0; row < Items.Length && _layout.LengthAt >= 0; row++)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            // Angular: the squared length, in old files nothing. Dot: what lifts the item to the sphere of the longest.
            ReadOnlySpan<byte> node = Node(Items[row]);
            double squares = VectorRows.SumOfSquares(Vector(node));
            float number = BinaryPrimitives.ReadSingleLittleEndian(node[_layout.LengthAt..]);
            bool isCosine = _metric == Metric.Cosine;
            double given = isCosine ? number : squares + ((double)number * number);
            double expected = isCosine ? squares : largest;
            if (!(Math.Abs(given - expected) <= (LengthTolerance * expected) + SmallestNormal) && !(isCosine && number == 0))
            {
                throw Invalid("items", $"node {Items[row]} gives its vector a squared length of {given:g6}; expected {expected:g6}. {Hint}");
            }
        }
    }

    private ReadOnlySpan<byte> Node(int number) => new(_start + ((long)number * _layout.NodeSize), _layout.NodeSize);

    private int Descendants(int number) => BinaryPrimitives.ReadInt32LittleEndian(Node(number));

    private ReadOnlySpan<float> Vector(ReadOnlySpan<byte> node) => MemoryMarshal.Cast<byte, float>(node[_layout.VectorAt..]);

    private IndexFormatException Invalid(string part, string problem) => new(_path, part, problem);
}
