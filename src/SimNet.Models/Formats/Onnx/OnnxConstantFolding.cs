using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// Evaluates nodes that do not depend on the input of the network, mostly those by which exporters compute shapes. Copies count against a
/// budget, because a few bytes of graph can create any number of them.
/// </summary>
internal static class OnnxConstantFolding
{
    /// <exception cref="FormatException">The node is damaged, or its operator is not supported.</exception>
    public static OnnxConstant Evaluate(OnnxNode node, OnnxNetworkBuilder budget)
    {
        switch (node.Operation)
        {
            case "Constant":
                return Constant(node);
            case "Shape":
                return ShapeOf(node);
            case "Identity":
                // PyTorch deduplicates equal tensors and names the others by Identity nodes.
                return OnnxNode.IsWeightName(node.Proto.Output[0])
                    ? node.Required(0) with { TensorName = node.Proto.Output[0] }
                    : node.Required(0);
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
            case "Add" or "Sub" or "Mul" or "Div" or "Pow":
                return Arithmetic(node, budget);
            case "Neg" or "Sqrt" or "Reciprocal":
                return Elementwise(node, budget);
            case "DequantizeLinear":
                return Dequantized(node, budget);
            default:
                throw node.Unsupported("this operator on constants");
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

        return node.Numbers("value_floats") is { } numbers
            ? new OnnxConstant([numbers.Length], numbers)
            : throw node.Unsupported("a constant that is not a tensor");
    }

    private static OnnxConstant ShapeOf(OnnxNode node)
    {
        long[] sizes = node.Inputs.Count > 0 && node.Inputs[0] is OnnxConstant constant
            ? [.. constant.Dimensions.Select(size => (long)size)]
            : node.Map(0).Dimensions;
        int from = Bound(node.Integer("start", 0)), to = Bound(node.Integer("end", sizes.Length));
        return Vector(sizes[from..Math.Max(from, to)]);

        int Bound(long at) => (int)Math.Clamp(at < 0 ? at + sizes.Length : at, 0, sizes.Length);
    }

    private static OnnxConstant Cast(OnnxNode node, OnnxNetworkBuilder budget)
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

                float[] numbers = budget.Allocate(constant.Count);
                for (int i = 0; i < numbers.Length; i++)
                {
                    numbers[i] = RequireKnown(node, constant.Integers![i]);
                }

                return new OnnxConstant(constant.Dimensions, numbers) { TensorName = constant.TensorName };
            case TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32:
                if (constant.Integers is not null)
                {
                    return constant;
                }

                // Old exporters compute shapes in floating point.
                budget.Reserve(constant.Count);
                return new OnnxConstant(constant.Dimensions, [.. constant.Numbers!.Select(ToInteger)]);
            default:
                throw node.Unsupported($"casting a constant to data type {(int)type}");
        }

        long ToInteger(float number) =>
            MathF.Abs(number) < int.MaxValue ? (long)number : throw node.Problem($"{number} cannot be cast to an integer");
    }

    /// <summary>Changes the dimensions of a constant.</summary>
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
                HashSet<int> gone =
                [
                    .. removed is null
                        ? Enumerable.Range(0, now.Length).Where(i => now[i] == 1)
                        : removed.Select(i => node.Axis(i, now.Length)),
                ];
                sizes = [.. now.Where((_, i) => !gone.Contains(i)).Select(size => (long)size)];
                break;
            default:
                long[] added = node.Axes() ?? throw node.Problem("there are no axes");
                HashSet<int> places = [.. added.Select(i => node.Axis(i, now.Length + added.Length))];
                var left = new Queue<int>(now);
                sizes =
                [
                    .. Enumerable.Range(0, now.Length + places.Count)
                        .Select(i => places.Contains(i) || left.Count == 0 ? 1L : left.Dequeue()),
                ];
                break;
        }

        bool fits = sizes.Length <= OnnxTensor.MaxRank
            && sizes.All(size => size is >= 0 and <= int.MaxValue)
            && Product(sizes) == constant.Count;
        return fits
            ? With(constant, [.. sizes.Select(size => (int)size)])
            : throw node.Problem($"[{string.Join(", ", now)}] cannot be reshaped to [{string.Join(", ", sizes)}]");

        long Product(long[] sizes)
        {
            long product = 1;
            foreach (long size in sizes)
            {
                product = size is >= 0 and <= int.MaxValue && product * size <= int.MaxValue
                    ? product * size
                    : throw node.Problem($"the shape [{string.Join(", ", sizes)}] is not valid");
            }

            return product;
        }
    }

    /// <summary>Selects elements along the first axis.</summary>
    private static OnnxConstant Gather(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant from = node.Required(0), indexes = node.Required(1);
        if (from.Dimensions.IsEmpty || indexes.Dimensions.Length > 1 || node.Axis(node.Integer("axis", 0), from.Dimensions.Length) != 0)
        {
            throw node.Unsupported("gathering along an axis other than the first");
        }

        return Pick(from, [.. node.Integers(indexes).Select(index => node.Axis(index, from.Dimensions[0]))], indexes.Dimensions, budget);
    }

    /// <summary>Selects a range along the first axis, forward or backward.</summary>
    private static OnnxConstant Slice(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant from = node.Required(0);
        bool old = node.OperatorSet < 10;
        long[]? starts = old ? node.Integers("starts") : node.Integers(node.Required(1));
        long[]? ends = old ? node.Integers("ends") : node.Integers(node.Required(2));
        long[] axes = (old ? node.Integers("axes") : node.Optional(3) is { } given ? node.Integers(given) : null) ?? [0];
        long[] steps = node.Optional(4) is { } stepsGiven ? node.Integers(stepsGiven) : [1];
        int rank = from.Dimensions.Length;
        if (rank == 0
            || axes is not [long axis]
            || node.Axis(axis, rank) != 0
            || starts is not [long start]
            || ends is not [long end]
            || steps is not [1 or -1])
        {
            throw node.Unsupported("slicing along an axis other than the first, or with a step other than 1 or -1");
        }

        int size = from.Dimensions[0], step = (int)steps[0];

        // A backward slice can end before the first element.
        int first = Bound(start, 0, step > 0 ? size : size - 1);
        int last = Bound(end, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
        int count = Math.Max((last - first) * step, 0);
        return Pick(from, [.. Enumerable.Range(0, count).Select(i => first + (i * step))], [count], budget);

        int Bound(long at, int least, int most) => (int)Math.Max(Math.Min(at < 0 ? at + size : at, most), least);
    }

    /// <summary>Creates a constant of equal values.</summary>
    private static OnnxConstant Filled(OnnxNode node, OnnxNetworkBuilder budget)
    {
        long[] sizes = node.Integers(node.Required(0));
        OnnxConstant value = node.Tensor("value") is { } tensor ? OnnxTensor.Read(tensor) : new OnnxConstant([1], [0f]);
        long count = 1;
        foreach (long size in sizes)
        {
            count = size is >= 0 and <= int.MaxValue && count * size <= int.MaxValue
                ? count * size
                : throw node.Problem($"the shape [{string.Join(", ", sizes)}] is not valid");
        }

        if (sizes.Length > OnnxTensor.MaxRank || value.Count != 1)
        {
            throw node.Problem(
                $"there are {sizes.Length} dimensions and {value.Count} values; "
                + $"expected at most {OnnxTensor.MaxRank} dimensions and one value");
        }

        budget.Reserve(count);
        ImmutableArray<int> dimensions = [.. sizes.Select(size => (int)size)];
        return value.Integers is [long integer]
            ? new OnnxConstant(dimensions, [.. Enumerable.Repeat(integer, (int)count)])
            : new OnnxConstant(dimensions, [.. Enumerable.Repeat(value.Numbers![0], (int)count)]);
    }

    private static OnnxConstant Concat(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant[] parts = [.. Enumerable.Range(0, node.Inputs.Count).Select(node.Required)];
        if (parts.Any(part => part.Dimensions.Length != 1) || node.Axis(node.Integer("axis", long.MaxValue), 1) != 0)
        {
            throw node.Unsupported("concatenating constants of more than one dimension");
        }

        budget.Reserve(parts.Sum(part => (long)part.Count));
        return parts[0].Integers is not null
            ? Vector([.. parts.SelectMany(part => node.Integers(part))])
            : new OnnxConstant([parts.Sum(part => part.Count)], [.. parts.SelectMany(part => node.Numbers(part))]);
    }

    private static OnnxConstant Transpose(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant constant = node.Required(0);
        int rank = constant.Dimensions.Length;
        long[] permutation = node.Integers("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
        int[] order = [.. permutation.Select(axis => node.Axis(axis, rank))];
        if (!order.Order().SequenceEqual(Enumerable.Range(0, rank)))
        {
            throw node.Problem("'perm' is not a permutation of the axes");
        }

        budget.Reserve(constant.Count);
        ImmutableArray<int> sizes = constant.Dimensions, moved = [.. order.Select(axis => sizes[axis])];
        return constant.Numbers is { } numbers
            ? new OnnxConstant(moved, Permute(numbers, sizes, order)) { TensorName = constant.TensorName }
            : new OnnxConstant(moved, Permute(constant.Integers!, sizes, order));
    }

    private static T[] Permute<T>(T[] values, ImmutableArray<int> sizes, int[] order)
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

    /// <summary>Computes with two constants, which are broadcast to common dimensions.</summary>
    private static OnnxConstant Arithmetic(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant left = node.Required(0), right = node.Required(1);
        int rank = Math.Max(left.Dimensions.Length, right.Dimensions.Length);
        int[] sizes = new int[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            (int a, int b) = (SizeOf(left, axis), SizeOf(right, axis));
            sizes[axis] = a == b || b == 1 ? a : a == 1 ? b
                : throw node.Problem(
                    $"[{string.Join(", ", left.Dimensions)}] and [{string.Join(", ", right.Dimensions)}] do not broadcast");
        }

        long count = sizes.Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue));
        budget.Reserve(count);
        int[] first = Broadcast(left), second = Broadcast(right);
        if (left.Integers is not null && (node.Operation != "Pow" || right.Integers is not null))
        {
            long[] a = left.Integers, b = node.Integers(right), result = new long[count];
            for (int i = 0; i < result.Length; i++)
            {
                long x = RequireKnown(node, a[first[i]]), y = RequireKnown(node, b[second[i]]);
                result[i] = node.Operation switch
                {
                    "Add" => checked(x + y),
                    "Sub" => checked(x - y),
                    "Mul" => checked(x * y),
                    "Pow" => Math.Pow(x, y) is var power && Math.Abs(power) <= 1L << 53
                        ? (long)power
                        : throw node.Problem($"{x} to the power of {y} is too large"),
                    _ => y is 0 or -1 ? throw node.Problem($"division by {y}") : x / y,
                };
            }

            return new OnnxConstant([.. sizes], result);
        }

        float[] c = node.Numbers(left), d = node.Operation == "Pow" && right.Integers is { } exponents
            ? [.. exponents.Select(exponent => (float)exponent)]
            : node.Numbers(right);
        float[] numbers = new float[count];
        for (int i = 0; i < numbers.Length; i++)
        {
            float x = c[first[i]], y = d[second[i]];
            numbers[i] = node.Operation switch
            {
                "Add" => x + y,
                "Sub" => x - y,
                "Mul" => x * y,
                "Pow" => MathF.Pow(x, y),
                _ => x / y,
            };
        }

        return new OnnxConstant([.. sizes], numbers);

        int SizeOf(OnnxConstant constant, int axis) =>
            axis - rank + constant.Dimensions.Length is >= 0 and int at ? constant.Dimensions[at] : 1;

        // The index of the value for each element of the result.
        int[] Broadcast(OnnxConstant constant)
        {
            int[] indexes = new int[count], strides = new int[rank], at = new int[rank];
            for (int axis = rank - 1, stride = 1; axis >= 0; stride *= SizeOf(constant, axis), axis--)
            {
                strides[axis] = SizeOf(constant, axis) == 1 ? 0 : stride;
            }

            for (int i = 0, from = 0; i < indexes.Length; i++)
            {
                indexes[i] = from;
                for (int axis = rank - 1; axis >= 0; axis--)
                {
                    from += strides[axis];
                    if (++at[axis] < sizes[axis])
                    {
                        break;
                    }

                    from -= at[axis] * strides[axis];
                    at[axis] = 0;
                }
            }

            return indexes;
        }
    }

    private static OnnxConstant Elementwise(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant constant = node.Required(0);
        budget.Reserve(constant.Count);
        if (constant.Integers is { } integers && node.Operation == "Neg")
        {
            return new OnnxConstant(constant.Dimensions, [.. integers.Select(value => -RequireKnown(node, value))]);
        }

        return new OnnxConstant(constant.Dimensions, [.. node.Numbers(constant).Select(value => node.Operation switch
        {
            "Neg" => -value,
            "Sqrt" => MathF.Sqrt(value),
            _ => 1 / value,
        })]);
    }

    /// <summary>
    /// Widens weights that are stored in 8 bits: (value - zero point) * scale, with one scale, or one for each slice of an axis.
    /// </summary>
    private static OnnxConstant Dequantized(OnnxNode node, OnnxNetworkBuilder budget)
    {
        OnnxConstant quantized = node.Required(0), scale = node.Required(1);
        OnnxConstant? zero = node.Optional(2);
        long axis = node.Integer("axis", 1);
        if (node.Integer("block_size", 0) != 0)
        {
            throw node.Unsupported("quantization in blocks");
        }

        float[] scales = node.Numbers(scale), numbers = budget.Allocate(quantized.Count);
        long[] values = node.Integers(quantized), zeros = zero is null ? [0] : node.Integers(zero);
        ImmutableArray<int> sizes = quantized.Dimensions;
        int slices = 1, inner = quantized.Count;
        if (scales.Length != 1)
        {
            int at = node.Axis(axis, sizes.Length);
            slices = sizes[at];
            inner = sizes[(at + 1)..].Aggregate(1, (product, size) => product * size);
        }

        if (scales.Length != slices || (zeros.Length != 1 && zeros.Length != slices))
        {
            throw node.Problem($"there are {scales.Length} scales and {zeros.Length} zero points for {slices} slices");
        }

        for (int i = 0; i < numbers.Length; i++)
        {
            int slice = i / inner % slices;
            numbers[i] = (values[i] - zeros[zeros.Length == 1 ? 0 : slice]) * scales[slice];
        }

        return new OnnxConstant(sizes, numbers) { TensorName = quantized.TensorName };
    }

    /// <summary>Selects elements along the first axis, which the given dimensions replace.</summary>
    private static OnnxConstant Pick(OnnxConstant from, int[] indexes, ImmutableArray<int> dimensions, OnnxNetworkBuilder budget)
    {
        int row = from.Dimensions[0] == 0 ? 0 : from.Count / from.Dimensions[0];
        budget.Reserve((long)indexes.Length * row);
        dimensions = dimensions.AddRange(from.Dimensions[1..]);
        return from.Integers is { } integers
            ? new OnnxConstant(dimensions, Rows(integers))
            : new OnnxConstant(dimensions, Rows(from.Numbers!));

        T[] Rows<T>(T[] values) => [.. indexes.SelectMany(i => values.Skip(i * row).Take(row))];
    }

    private static OnnxConstant With(OnnxConstant constant, ImmutableArray<int> dimensions)
    {
        OnnxConstant reshaped = constant.Numbers is { } numbers
            ? new OnnxConstant(dimensions, numbers)
            : new OnnxConstant(dimensions, constant.Integers!);
        return reshaped with { TensorName = constant.TensorName };
    }

    private static OnnxConstant Vector(long[] integers) => new([integers.Length], integers);

    private static long RequireKnown(OnnxNode node, long value) =>
        value != OnnxConstant.Batch ? value : throw node.Unsupported("a value computed from the batch size");
}
