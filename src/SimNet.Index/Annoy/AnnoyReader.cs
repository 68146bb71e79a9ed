using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SimNet.Index;

/// <summary>
/// Reads an Annoy file. Because the format has neither a header nor a checksum, every value is validated: each tree must contain every item
/// exactly once, no node may be reached twice, and the memory used is at most a small multiple of the file's length.
/// <see cref="AnnoyWriter"/> describes the order of the nodes.
/// </summary>
internal sealed unsafe class AnnoyReader
{
    /// <summary>Annoy sums in single precision, one component after another.</summary>
    private const double LengthTolerance = 0.01;

    /// <summary>Values below this lose precision in single precision (subnormal numbers).</summary>
    private const double SmallestNormal = 1.2e-38;

    private readonly string _path;
    private readonly Metric _metric;
    private readonly AnnoyLayout _layout;
    private readonly byte* _start;
    private readonly int _nodeCount;
    private readonly CancellationToken _cancellationToken;

    /// <summary>The nodes of the trees read so far; none may be read again.</summary>
    private readonly BitArray _isRead;

    /// <summary>The number of item numbers, with or without an item.</summary>
    private readonly int _itemCount;

    /// <summary>The row of each item number; -1 if there is no item.</summary>
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
            throw Invalid(
                "roots", $"the last node, {_nodeCount - 1}, has {_itemCount} descendants; expected 0 to {_nodeCount - 1}. {Hint}");
        }

        _rows = FindItems(out int[] items);
        Items = items;
        _isRead = new BitArray(_nodeCount);
    }

    /// <summary>The item number of each row.</summary>
    private int[] Items { get; }

    private static string Hint => "Is this an Annoy file with this metric and number of dimensions?";

    /// <param name="path">The file.</param>
    /// <param name="dimensions">The number of components of a vector.</param>
    /// <param name="metric">The metric of the index.</param>
    /// <param name="items">Receives the item number of each row.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The mapping closes the stream.")]
    public static RandomProjectionForest Read(
        string path, int dimensions, Metric metric, out int[] items, CancellationToken cancellationToken)
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
                // The length also fits another layout; a file of one layout is not valid in the other.
                refusal ??= exception;
            }
        }

        throw refusal!;
    }

    private RandomProjectionForest ReadForest()
    {
        List<int> roots = FindRoots();

        // A node holds at most Capacity items or two children, so the file needs enough nodes for all items of all trees.
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
                throw Invalid("items", $"node {item} has {descendants} descendants; expected 1, or 0 for a missing item. {Hint}");
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

    /// <summary>The nodes at the end of the file that have all items as descendants.</summary>
    private List<int> FindRoots()
    {
        if (Items.Length == 0)
        {
            // An index without items is all zeros.
            for (int node = 0; node < _nodeCount; node++)
            {
                if (Node(node).ContainsAnyExcept((byte)0))
                {
                    throw Invalid("roots", $"the last node, {_nodeCount - 1}, has no items below it, but node {node} is not zero. {Hint}");
                }
            }
        }

        // If all items fit into one node, all trees are that same node; one of them is enough.
        int last = _nodeCount - 1;
        if (_itemCount <= _layout.Capacity)
        {
            for (int node = _itemCount; node < last; node++)
            {
                if (!Node(node).SequenceEqual(Node(last)))
                {
                    throw Invalid("roots", $"node {node} differs from the last node, {last}; expected copies of one root. {Hint}");
                }
            }

            return (_nodeCount - _itemCount) % 2 == 0
                ? [last]
                : throw Invalid(
                    "roots", $"{_nodeCount - _itemCount} nodes after the items; expected as many copies as roots. Is the file truncated?");
        }

        // At least one root precedes the copies of the roots. If the file is truncated, the copy of that root is missing.
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
            throw Invalid("roots", $"the last {roots.Count} nodes are roots without copies. Is the file truncated? {Hint}");
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

            // The descendants of a root include missing items, although none of its nodes contains them. With a single item, a root is not
            // a split.
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

            // Among equal margins, Annoy visits the node later in the file first, and this library visits the earlier node first. Therefore
            // the later one comes first here.
            (int Number, int Parent, bool IsRight) left = (Child(node, number, 0), nodes.Count, false);
            (int Number, int Parent, bool IsRight) right = (Child(node, number, 1), nodes.Count, true);
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
                throw Invalid("nodes", $"node {number} has item {item}, which does not exist or occurs twice below root {root}");
            }

            isPlaced[row] = true;
            rows[placed++] = row;
        }
    }

    private HyperplaneTreeNode ReadSplit(ReadOnlySpan<byte> node, int number)
    {
        ReadOnlySpan<float> normal = Vector(node);
        double squares = VectorRows.SumOfSquares(normal);

        // Annoy computes in single precision, and its normals for products have one more coordinate.
        if (!(squares <= 2))
        {
            throw Invalid("nodes", $"node {number} has a normal with a squared length of {squares:g6}; expected at most 1");
        }

        float offset = _layout.Offset(node);
        if (!float.IsFinite(offset))
        {
            throw Invalid("nodes", $"node {number} has a hyperplane with the offset {offset}; expected a finite number");
        }

        return squares == 0 ? new HyperplaneTreeNode(false, 0, 0) : new HyperplaneTreeNode(false, 0, 0, normal.ToArray(), offset);
    }

    private int Child(ReadOnlySpan<byte> node, int number, int side)
    {
        int child = BinaryPrimitives.ReadInt32LittleEndian(node[(_layout.ChildrenAt + (side * sizeof(int)))..]);
        return (uint)child < (uint)_nodeCount
            ? child
            : throw Invalid("nodes", $"node {number} has child {child}; expected one of {_nodeCount} nodes");
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

    /// <summary>Validates each vector and the norm that its node states.</summary>
    private void CheckLengths()
    {
        double largest = 0;
        for (int row = 0; row < Items.Length; row++)
        {
            double squares = VectorRows.SumOfSquares(Vector(Node(Items[row])));
            if (!(squares <= VectorRows.MaxNorm * VectorRows.MaxNorm))
            {
                throw Invalid("items", $"node {Items[row]} has a component that is not finite or is too large");
            }

            largest = Math.Max(largest, squares);
        }

        for (int row = 0; row < Items.Length && _layout.LengthAt >= 0; row++)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            // angular: the squared norm, or 0 in old files. dot: the coordinate that augments the item to the largest norm.
            ReadOnlySpan<byte> node = Node(Items[row]);
            double squares = VectorRows.SumOfSquares(Vector(node));
            float number = BinaryPrimitives.ReadSingleLittleEndian(node[_layout.LengthAt..]);
            bool isCosine = _metric == Metric.Cosine;
            double given = isCosine ? number : squares + ((double)number * number);
            double expected = isCosine ? squares : largest;
            if (!(Math.Abs(given - expected) <= (LengthTolerance * expected) + SmallestNormal) && !(isCosine && number == 0))
            {
                throw Invalid(
                    "items", $"node {Items[row]} states a squared norm of {given:g6} for its vector; expected {expected:g6}. {Hint}");
            }
        }
    }

    private ReadOnlySpan<byte> Node(int number) => new(_start + ((long)number * _layout.NodeSize), _layout.NodeSize);

    private int Descendants(int number) => BinaryPrimitives.ReadInt32LittleEndian(Node(number));

    private ReadOnlySpan<float> Vector(ReadOnlySpan<byte> node) => MemoryMarshal.Cast<byte, float>(node[_layout.VectorAt..]);

    private IndexFormatException Invalid(string part, string problem) => new(_path, part, problem);
}
