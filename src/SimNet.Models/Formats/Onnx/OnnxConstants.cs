using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// Nodes whose outputs do not depend on the pictures: above all the chains from which exporters compute the shape to flatten to. What is
/// changed is copied, and counted, since a few bytes of graph could ask for any number of copies.
/// </summary>
internal static class OnnxConstants
{
    /// <exception cref="FormatException">The node is damaged, or its operator is none of those that are evaluated.</exception>
    public static OnnxConstant Evaluate(OnnxNode node, OnnxLayers budget)
    {
        switch (node.Operation)
        {
            case "Constant":
                return Constant(node);
            case "Shape":
                return ShapeOf(node);
            case "Identity":
                // PyTorch writes equal tensors once; the others' names stand on such nodes.
                return OnnxNode.NamesLayer(node.Proto.Output[0]) ? node.Required(0) with { TensorName = node.Proto.Output[0] } : node.Required(0);
            case "Cast":
                return Cast(node, budget);
            case "Unsqueeze" or "Squeeze" or "Reshape" or "Flatten":
                return Reshape(node);
            case "Gather":
                return Gather(node, budget);
            case "Slice":
                return Slice(node, budget);
            case "ConstantOfShape":
                return Filled(node, budget);
            case "Concat":
                return Concat(node, budget);
            case "Transpose":
                return Transpose(node, budget);
            case "Add" or "Sub" or "Mul" or "Div":
                return Arithmetic(node, budget);
            default:
                throw node.Unsupported("the operator on constants");
        }
    }

    private static OnnxConstant Constant(OnnxNode node)
    {
        if (node.Tensor("value") is { } tensor)
        {
            return OnnxTensor.Read(tensor);
        }

        if (node.Has("value_int"))
        {
            return new OnnxConstant([], [node.Integer("value_int", 0)]);
        }

        if (node.Has("value_float"))
        {
            return new OnnxConstant([], [node.Number("value_float", 0)]);
        }

        if (node.Integers("value_ints") is { } integers)
        {
            return new OnnxConstant([integers.Length], integers);
        }

        return node.Numbers("value_floats") is { } numbers ? new OnnxConstant([numbers.Length], numbers) : throw node.Unsupported("a constant that is no tensor");
    }

    private static OnnxConstant ShapeOf(OnnxNode node)
    {
        long[] sizes = node.Inputs.Count > 0 && node.Inputs[0] is OnnxConstant constant ? [.. constant.Dimensions.Select(size => (long)size)]
            : node.Map(0) is { IsFlat: false } map ? [OnnxConstant.Batch, map.Shape.Channels, map.Shape.Height, map.Shape.Width]
            : [OnnxConstant.Batch, node.Map(0).Shape.Length];
        int from = Bound(node.Integer("start", 0)), to = Bound(node.Integer("end", sizes.Length));
        return Vector(sizes[from..Math.Max(from, to)]);

        int Bound(long at) => (int)Math.Clamp(at < 0 ? at + sizes.Length : at, 0, sizes.Length);
    }

    private static OnnxConstant Cast(OnnxNode node, OnnxLayers budget)
    {
        OnnxConstant constant = node.Required(0);
        var type = (TensorProto.Types.DataType)node.Integer("to", 0);
        switch (type)
        {
            case TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Double:
                if (constant.Numbers is not null)
                {
                    return constant;
                }

                float[] numbers = budget.Take(constant.Count);
                for (int i = 0; i < numbers.Length; i++)
                {
                    numbers[i] = Known(node, constant.Integers![i]);
                }

                return new OnnxConstant(constant.Dimensions, numbers) { TensorName = constant.TensorName };
            case TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32:
                if (constant.Integers is not null)
                {
                    return constant;
                }

                // Sizes of shapes: old exporters write them as floating-point numbers.
                budget.Charge(constant.Count);
                return new OnnxConstant(
                    constant.Dimensions, [.. constant.Numbers!.Select(number => MathF.Abs(number) < int.MaxValue ? (long)number : throw node.Problem($"{number} becomes a whole number"))]);
            default:
                throw node.Unsupported($"a constant's change to data type {(int)type}");
        }
    }

    /// <summary>The same values in other dimensions.</summary>
    private static OnnxConstant Reshape(OnnxNode node)
    {
        OnnxConstant constant = node.Required(0);
        ImmutableArray<int> now = constant.Dimensions;
        long[] sizes;
        switch (node.Operation)
        {
            case "Reshape":
                _ = node.Integer("allowzero", 0);
                long[] target = node.Integers(node.Required(1));
                sizes = [.. target.Select((size, i) => size == 0 && i < now.Length ? now[i] : size)];
                int open = Array.IndexOf(sizes, -1);
                if (open >= 0)
                {
                    sizes[open] = 1;
                    long rest = Product(sizes);
                    sizes[open] = rest > 0 ? constant.Count / rest : 0;
                }

                break;
            case "Flatten":
                int axis = (int)Math.Clamp(node.Integer("axis", 1) is var at && at < 0 ? at + now.Length : at, 0, now.Length);
                sizes = [now[..axis].Aggregate(1L, (a, b) => a * b), now[axis..].Aggregate(1L, (a, b) => a * b)];
                break;
            case "Squeeze":
                long[]? removed = node.Axes();
                HashSet<int> gone = [.. removed is null ? Enumerable.Range(0, now.Length).Where(i => now[i] == 1) : removed.Select(i => node.Axis(i, now.Length))];
                sizes = [.. now.Where((_, i) => !gone.Contains(i)).Select(size => (long)size)];
                break;
            default:
                long[] added = node.Axes() ?? throw node.Problem("no axes");
                HashSet<int> places = [.. added.Select(i => node.Axis(i, now.Length + added.Length))];
                var left = new Queue<int>(now);
                sizes = [.. Enumerable.Range(0, now.Length + places.Count).Select(i => places.Contains(i) || left.Count == 0 ? 1L : left.Dequeue())];
                break;
        }

        return sizes.Length <= OnnxTensor.MaxRank && sizes.All(size => size is >= 0 and <= int.MaxValue) && Product(sizes) == constant.Count
            ? With(constant, [.. sizes.Select(size => (int)size)])
            : throw node.Problem($"[{string.Join(", ", now)}] becomes [{string.Join(", ", sizes)}]");

        long Product(long[] sizes)
        {
            long product = 1;
            foreach (long size in sizes)
            {
                product = size is >= 0 and <= int.MaxValue && product * size <= int.MaxValue ? product * size : throw node.Problem($"constants of [{string.Join(", ", sizes)}]");
            }

            return product;
        }
    }

    /// <summary>Elements along the first axis.</summary>
    private static OnnxConstant Gather(OnnxNode node, OnnxLayers budget)
    {
        OnnxConstant from = node.Required(0), indexes = node.Required(1);
        if (from.Dimensions.IsEmpty || indexes.Dimensions.Length > 1 || node.Axis(node.Integer("axis", 0), from.Dimensions.Length) != 0)
        {
            throw node.Unsupported("a choice along other than the first axis");
        }

        return Pick(from, [.. node.Integers(indexes).Select(index => node.Axis(index, from.Dimensions[0]))], indexes.Dimensions, budget);
    }

    /// <summary>A range along the first axis, forwards or backwards.</summary>
    private static OnnxConstant Slice(OnnxNode node, OnnxLayers budget)
    {
        OnnxConstant from = node.Required(0);
        bool old = node.OperatorSet < 10;
        long[]? starts = old ? node.Integers("starts") : node.Integers(node.Required(1)), ends = old ? node.Integers("ends") : node.Integers(node.Required(2));
        long[] axes = (old ? node.Integers("axes") : node.Optional(3) is { } given ? node.Integers(given) : null) ?? [0];
        long[] steps = node.Optional(4) is { } stepsGiven ? node.Integers(stepsGiven) : [1];
        int rank = from.Dimensions.Length;
        if (rank == 0 || axes is not [long axis] || node.Axis(axis, rank) != 0 || starts is not [long start] || ends is not [long end] || steps is not [1 or -1])
        {
            throw node.Unsupported("a part along other than the first axis, or with steps");
        }

        int size = from.Dimensions[0], step = (int)steps[0];

        // Backwards, the end may lie before the first element.
        int first = Bound(start, 0, step > 0 ? size : size - 1), last = Bound(end, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
        int count = Math.Max((last - first) * step, 0);
        return Pick(from, [.. Enumerable.Range(0, count).Select(i => first + (i * step))], [count], budget);

        int Bound(long at, int least, int most) => (int)Math.Max(Math.Min(at < 0 ? at + size : at, most), least);
    }

    /// <summary>One value, as often as a shape says.</summary>
    private static OnnxConstant Filled(OnnxNode node, OnnxLayers budget)
    {
        long[] sizes = node.Integers(node.Required(0));
        OnnxConstant value = node.Tensor("value") is { } tensor ? OnnxTensor.Read(tensor) : new OnnxConstant([1], [0f]);
        long count = 1;
        foreach (long size in sizes)
        {
            count = size is >= 0 and <= int.MaxValue && count * size <= int.MaxValue ? count * size : throw node.Problem($"a constant of [{string.Join(", ", sizes)}]");
        }

        if (sizes.Length > OnnxTensor.MaxRank || value.Count != 1)
        {
            throw node.Problem($"{sizes.Length} dimensions of {value.Count} values");
        }

        budget.Charge(count);
        ImmutableArray<int> dimensions = [.. sizes.Select(size => (int)size)];
        return value.Integers is [long integer] ? new OnnxConstant(dimensions, [.. Enumerable.Repeat(integer, (int)count)])
            : new OnnxConstant(dimensions, [.. Enumerable.Repeat(value.Numbers![0], (int)count)]);
    }

    private static OnnxConstant Concat(OnnxNode node, OnnxLayers budget)
    {
        OnnxConstant[] parts = [.. Enumerable.Range(0, node.Inputs.Count).Select(node.Required)];
        if (parts.Any(part => part.Dimensions.Length != 1) || node.Axis(node.Integer("axis", long.MaxValue), 1) != 0)
        {
            throw node.Unsupported("a concatenation of constants that are no lists");
        }

        budget.Charge(parts.Sum(part => (long)part.Count));
        return parts[0].Integers is not null ? Vector([.. parts.SelectMany(part => node.Integers(part))])
            : new OnnxConstant([parts.Sum(part => part.Count)], [.. parts.SelectMany(part => node.Numbers(part))]);
    }

    private static OnnxConstant Transpose(OnnxNode node, OnnxLayers budget)
    {
        OnnxConstant constant = node.Required(0);
        int rank = constant.Dimensions.Length;
        int[] order = [.. (node.Integers("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)]).Select(axis => node.Axis(axis, rank))];
        if (!order.Order().SequenceEqual(Enumerable.Range(0, rank)))
        {
            throw node.Problem("'perm' is no order of the axes");
        }

        budget.Charge(constant.Count);
        ImmutableArray<int> sizes = constant.Dimensions, moved = [.. order.Select(axis => sizes[axis])];
        return constant.Numbers is { } numbers ? new OnnxConstant(moved, Moved(numbers, sizes, order)) { TensorName = constant.TensorName }
            : new OnnxConstant(moved, Moved(constant.Integers!, sizes, order));
    }

    private static T[] Moved<T>(T[] values, ImmutableArray<int> sizes, int[] order)
    {
        int rank = sizes.Length;
        int[] strides = new int[rank], at = new int[rank];
        for (int i = rank - 1, stride = 1; i >= 0; stride *= Math.Max(sizes[i], 1), i--)
        {
            strides[i] = stride;
        }

        T[] moved = new T[values.Length];
        for (int i = 0, from = 0; i < moved.Length; i++)
        {
            moved[i] = values[from];
            for (int axis = rank - 1; axis >= 0; axis--)
            {
                from += strides[order[axis]];
                if (++at[axis] < sizes[order[axis]])
                {
                    break;
                }

                from -= at[axis] * strides[order[axis]];
                at[axis] = 0;
            }
        }

        return moved;
    }

    /// <summary>Of two constants of the same dimensions, or one of them a single value.</summary>
    private static OnnxConstant Arithmetic(OnnxNode node, OnnxLayers budget)
    {
        OnnxConstant left = node.Required(0), right = node.Required(1);
        if (!left.Dimensions.SequenceEqual(right.Dimensions) && left.Count != 1 && right.Count != 1)
        {
            throw node.Unsupported($"constants of [{string.Join(", ", left.Dimensions)}] and [{string.Join(", ", right.Dimensions)}]");
        }

        OnnxConstant larger = left.Count == 1 && (right.Count != 1 || right.Dimensions.Length > left.Dimensions.Length) ? right : left;
        if (left.Integers is not null)
        {
            budget.Charge(larger.Count);
            long[] a = left.Integers, b = node.Integers(right), result = new long[larger.Count];
            for (int i = 0; i < result.Length; i++)
            {
                long x = Known(node, a[a.Length == 1 ? 0 : i]), y = Known(node, b[b.Length == 1 ? 0 : i]);
                result[i] = node.Operation switch
                {
                    "Add" => checked(x + y),
                    "Sub" => checked(x - y),
                    "Mul" => checked(x * y),
                    _ => y is 0 or -1 ? throw node.Problem($"a division by {y}") : x / y,
                };
            }

            return new OnnxConstant(larger.Dimensions, result);
        }

        float[] first = node.Numbers(left), second = node.Numbers(right), numbers = budget.Take(larger.Count);
        for (int i = 0; i < numbers.Length; i++)
        {
            float x = first[first.Length == 1 ? 0 : i], y = second[second.Length == 1 ? 0 : i];
            numbers[i] = node.Operation switch
            {
                "Add" => x + y,
                "Sub" => x - y,
                "Mul" => x * y,
                _ => x / y,
            };
        }

        return new OnnxConstant(larger.Dimensions, numbers);
    }

    /// <summary>Elements along the first axis, which becomes these dimensions.</summary>
    private static OnnxConstant Pick(OnnxConstant from, int[] indexes, ImmutableArray<int> dimensions, OnnxLayers budget)
    {
        int row = from.Dimensions[0] == 0 ? 0 : from.Count / from.Dimensions[0];
        budget.Charge((long)indexes.Length * row);
        dimensions = dimensions.AddRange(from.Dimensions[1..]);
        return from.Integers is { } integers ? new OnnxConstant(dimensions, Rows(integers)) : new OnnxConstant(dimensions, Rows(from.Numbers!));

        T[] Rows<T>(T[] values) => [.. indexes.SelectMany(i => values.Skip(i * row).Take(row))];
    }

    private static OnnxConstant With(OnnxConstant constant, ImmutableArray<int> dimensions) =>
        (constant.Numbers is { } numbers ? new OnnxConstant(dimensions, numbers) : new OnnxConstant(dimensions, constant.Integers!)) with { TensorName = constant.TensorName };

    private static OnnxConstant Vector(long[] integers) => new([integers.Length], integers);

    private static long Known(OnnxNode node, long value) => value != OnnxConstant.Batch ? value : throw node.Unsupported("a value computed from the batch's size");
}
