using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>What each of the standard's operators is as layers of a network: the meaning of its inputs and attributes in every version that is read.</summary>
/// <param name="layers">Where the layers go.</param>
/// <param name="takersOf">How many nodes, or the graph itself as an output, take the value of a name.</param>
internal sealed class OnnxOperators(OnnxLayers layers, Func<string, int> takersOf)
{
    private readonly Dictionary<string, string> _madeBy = new(StringComparer.Ordinal);

    /// <summary>The value of a node's first output. The others are never a network's.</summary>
    /// <exception cref="FormatException">The node is damaged or means what no layer does.</exception>
    /// <exception cref="ArgumentException">A layer's settings or shapes do not fit.</exception>
    public OnnxValue Read(OnnxNode node)
    {
        int before = layers.Count;
        OnnxValue value = node.IsConstant ? OnnxConstants.Evaluate(node, layers) : Layer(node);
        node.Finish();
        if (layers.Count > before)
        {
            _madeBy[node.Proto.Output[0]] = ((OnnxMap)value).Source;
        }

        return value;
    }

    private OnnxMap Layer(OnnxNode node)
    {
        switch (node.Operation)
        {
            case "Conv":
                return Convolution(node);
            case "ConvTranspose":
                return Transposed(node);
            case "BatchNormalization":
                return Normalization(node);
            case "Gemm":
                return Gemm(node);
            case "MatMul":
                return Linear(node, node.Map(0), node.Required(1), transposed: false, bias: null, alpha: 1, beta: 1);
            case "MaxPool":
                return MaxPool(node);
            case "AveragePool":
                return AveragePool(node);
            case "GlobalAveragePool":
                return Append(node, name => new GlobalAveragePool2d(name), needsFour: true);
            case "ReduceMean":
                return Mean(node);
            case "Relu":
                return Append(node, name => new Relu(name));
            case "Sigmoid":
                return Append(node, name => new Sigmoid(name));
            case "HardSwish":
                return Append(node, name => new HardSwish(name));
            case "LeakyRelu":
                float slope = node.Number("alpha", 0.01f);
                return Append(node, name => new LeakyRelu(name) { NegativeSlope = slope });
            case "HardSigmoid":
                (float alpha, float beta) = (node.Number("alpha", 0.2f), node.Number("beta", 0.5f));
                return Append(node, name => new HardSigmoid(name) { Alpha = alpha, Beta = beta });
            case "Clip":
                return Clip(node);
            case "Softmax":
                return Softmax(node);
            case "Dropout":
                return Dropout(node);
            case "Concat":
                return Concat(node);
            case "Add" or "Sum":
                return Sum(node);
            case "Sub":
                return Difference(node);
            case "Mul":
                return Product(node);
            case "Div":
                return node.Inputs is [OnnxMap map, OnnxConstant divisor] ? Affine(node, 0, PerChannel(node, divisor, map, number => 1 / number), null)
                    : throw node.Unsupported("a division by what is not constant");
            case "Pad":
                return Pad(node);
            case "Flatten":
                return Flatten(node, node.Map(0));
            case "Reshape":
                return Reshape(node);
            case "Squeeze" or "Unsqueeze":
                return Squeeze(node);
            case "Transpose":
                long[]? order = node.Integers("perm");
                OnnxMap moved = node.Map(0);
                return order is not null && order.Select((axis, i) => axis == i).All(same => same) && order.Length == moved.Rank ? moved
                    : throw node.Unsupported("a change of the order of what is not constant");
            case "Identity":
                return node.Map(0);
            case "Cast":
                long type = node.Integer("to", 0);
                return type == (int)TensorProto.Types.DataType.Float ? node.Map(0) : throw node.Unsupported($"a value of data type {type}");
            default:
                throw node.Unsupported("the operator");
        }
    }

    private OnnxMap Convolution(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        WeightTensor weight = Kernel(node, out string? tensorName);
        Size2d kernel = KernelSize(node, weight), stride = node.Size("strides", 1), dilation = node.Size("dilations", 1);
        var convolution = new Conv2d(node.NameOf(tensorName), weight.Dimensions[0], kernel)
        {
            Stride = stride,
            Dilation = dilation,
            Groups = node.Int32("group", node.Integer("group", 1)),
            Padding = Padding(node, map.Shape, kernel, stride, dilation),
            HasBias = node.Optional(2) is not null,
        };
        return layers.Append(convolution, isFlat: false, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxMap Transposed(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        WeightTensor weight = Kernel(node, out string? tensorName);
        Size2d kernel = KernelSize(node, weight);
        if (node.Text("auto_pad", "NOTSET") is var automatic and not ("NOTSET" or "VALID"))
        {
            throw node.Unsupported($"'auto_pad' {automatic}");
        }

        int groups = node.Int32("group", node.Integer("group", 1));
        var convolution = new ConvTranspose2d(node.NameOf(tensorName), checked(weight.Dimensions[1] * groups), kernel)
        {
            Stride = node.Size("strides", 1),
            Dilation = node.Size("dilations", 1),
            OutputPadding = node.Size("output_padding", 0),
            Groups = groups,
            Padding = Pads(node, node.Integers("pads")),
            HasBias = node.Optional(2) is not null,
        };
        return layers.Append(convolution, isFlat: false, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxMap Normalization(OnnxNode node)
    {
        OnnxMap map = node.Map(0);
        if (map.IsFlat && !map.IsVector)
        {
            throw node.Unsupported("a batch norm of flattened maps");
        }

        if (node.Integer("training_mode", 0) != 0 || node.Integer("spatial", 1) != 1 || node.Proto.Output.Skip(1).Any(output => output.Length > 0))
        {
            throw node.Unsupported("a batch norm that is not one of inference over each channel");
        }

        // The standard's momentum is the old statistics' share, ours the new ones'. In decimal 1 - 0.9 is 0.1.
        float share = node.Number("momentum", 0.9f), momentum = share is >= 0 and < 1 ? (float)(1m - (decimal)share) : 0.1f;
        WeightTensor[] parameters = [.. Enumerable.Range(1, 4).Select(i => Vector(node, i))];
        var norm = new BatchNorm2d(node.NameOf(node.Required(1).TensorName)) { Epsilon = node.Number("epsilon", 1e-5f), Momentum = momentum };
        return layers.Append(norm, map.IsFlat, [map], parameters);
    }

    private OnnxMap Gemm(OnnxNode node)
    {
        if (node.Integer("transA", 0) != 0)
        {
            throw node.Unsupported("'transA'");
        }

        return Linear(node, node.Map(0), node.Required(1), node.Integer("transB", 0) != 0, node.Optional(2), node.Number("alpha", 1), node.Number("beta", 1));
    }

    /// <summary>What multiplies all values of a sample is a convolution whose window is the whole map.</summary>
    private OnnxMap Linear(OnnxNode node, OnnxMap map, OnnxConstant matrix, bool transposed, OnnxConstant? bias, float alpha, float beta)
    {
        if (!map.IsFlat)
        {
            throw node.Unsupported("a product with a value of four dimensions");
        }

        float[] values = node.Numbers(matrix);
        Shape shape = map.Shape;
        if (matrix.Dimensions.Length != 2 || matrix.Dimensions[transposed ? 1 : 0] != shape.Length)
        {
            throw node.Problem($"a matrix of [{string.Join(", ", matrix.Dimensions)}] for {shape.Length} values");
        }

        int outputs = matrix.Dimensions[transposed ? 0 : 1], length = shape.Length;
        if (!transposed || alpha != 1)
        {
            float[] rows = layers.Take(values.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = alpha * (transposed ? values[i] : values[i % length * outputs + i / length]);
            }

            values = rows;
        }

        var convolution = new Conv2d(node.NameOf(matrix.TensorName), outputs, new Size2d(shape.Height, shape.Width)) { HasBias = bias is not null };
        WeightTensor weight = new([outputs, shape.Channels, shape.Height, shape.Width], values);
        return layers.Append(convolution, isFlat: true, [map], bias is null ? [weight] : [weight, new WeightTensor([outputs], PerChannel(node, bias, new OnnxMap("", new Shape(outputs, 1, 1), IsFlat: true), number => beta * number))]);
    }

    private OnnxMap MaxPool(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = Window(node, map);
        _ = node.Integer("storage_order", 0);
        return layers.Append(new MaxPool2d(node.NameOf(), kernel) { Stride = stride, Padding = padding, CeilMode = ceil }, isFlat: false, [map]);
    }

    private OnnxMap AveragePool(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = Window(node, map);
        bool counted = node.Integer("count_include_pad", 0) != 0;
        if (kernel == 1 && stride == 1 && padding == 0)
        {
            return map;
        }

        var pool = new AveragePool2d(node.NameOf(), kernel) { Stride = stride, Padding = padding, CeilMode = ceil, CountIncludePadding = counted || padding == 0 };
        return layers.Append(pool, isFlat: false, [map]);
    }

    private static (Size2d Kernel, Size2d Stride, Padding2d Padding, bool Ceil) Window(OnnxNode node, OnnxMap map)
    {
        Size2d kernel = node.Has("kernel_shape") ? node.Size("kernel_shape", 1) : throw node.Problem("no 'kernel_shape'"), stride = node.Size("strides", 1);
        if (node.Size("dilations", 1) != 1)
        {
            throw node.Unsupported("a pooling with dilation");
        }

        Padding2d padding = Padding(node, map.Shape, kernel, stride, 1);
        bool ceil = node.Integer("ceil_mode", 0) != 0;
        if (!ceil)
        {
            // PyTorch's exporter to old operator sets pads by up to a whole window where it would round up; no window reaches the last of that.
            padding = padding with
            {
                Bottom = Reached(map.Shape.Height, kernel.Height, stride.Height, padding.Top, padding.Bottom),
                Right = Reached(map.Shape.Width, kernel.Width, stride.Width, padding.Left, padding.Right),
            };
        }

        return (kernel, stride, padding, ceil);

        static int Reached(int size, int window, int step, int before, int after)
        {
            long free = (long)size + before + after - window;
            return step < 1 || free < 0 || after < window ? after : (int)Math.Max((free / step * step) + window - size - before, 0);
        }
    }

    private OnnxMap Mean(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        bool keeps = node.Integer("keepdims", 1) != 0;
        _ = node.Integer("noop_with_empty_axes", 0);
        long[] axes = node.Axes() ?? throw node.Unsupported("a mean over all axes");
        return axes.Select(axis => node.Axis(axis, map.Rank)).Order().SequenceEqual([2, 3])
            ? layers.Append(new GlobalAveragePool2d(node.NameOf()), isFlat: !keeps, [map])
            : throw node.Unsupported($"a mean over the axes {string.Join(", ", axes)}");
    }

    private OnnxMap Clip(OnnxNode node)
    {
        float least = Bound(1, "min", float.MinValue), most = Bound(2, "max", float.MaxValue);
        return Append(node, name => new Clip(name) { Minimum = least, Maximum = most });

        float Bound(int input, string attribute, float absent)
        {
            float bound = node.OperatorSet < 11 ? node.Number(attribute, absent)
                : node.Optional(input) is { } constant ? node.Single(constant) : absent;
            return Math.Clamp(bound, float.MinValue, float.MaxValue);
        }
    }

    private OnnxMap Softmax(OnnxNode node)
    {
        OnnxMap map = node.Map(0);
        long axis = node.Axis(node.Integer("axis", node.OperatorSet < 13 ? 1 : -1), map.Rank);

        // Before version 13 the axes from this one on were taken as one.
        return axis == 1 && (map.IsVector || (!map.IsFlat && node.OperatorSet >= 13)) ? Append(node, name => new Softmax(name))
            : throw node.Unsupported($"a softmax over other than the channels (axis {axis})");
    }

    private OnnxMap Dropout(OnnxNode node)
    {
        float rate = node.OperatorSet < 12 ? node.Number("ratio", 0.5f) : node.Optional(1) is { } ratio ? node.Single(ratio) : 0.5f;
        _ = node.Integer("seed", 0);
        if (node.Optional(2) is { } training && node.Integers(training) is not [0])
        {
            throw node.Unsupported("a dropout that is not of inference");
        }

        return Append(node, name => new Dropout(name) { Rate = rate });
    }

    private OnnxMap Concat(OnnxNode node)
    {
        OnnxMap[] maps = [.. Enumerable.Range(0, node.Inputs.Count).Select(i => node.Map(i))];
        if (maps.Any(map => map.IsFlat != maps[0].IsFlat) || node.Axis(node.Integer("axis", long.MaxValue), maps[0].Rank) != 1)
        {
            throw node.Unsupported("a concatenation of other than channels");
        }

        return maps.Length == 1 ? maps[0] : layers.Append(new Concat(node.NameOf()), maps[0].IsFlat, maps);
    }

    private OnnxMap Sum(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxMap map, OnnxConstant constant]:
                return Affine(node, 0, null, PerChannel(node, constant, map));
            case [OnnxConstant constant, OnnxMap map]:
                return Affine(node, 1, null, PerChannel(node, constant, map));
            default:
                OnnxMap[] maps = [.. Enumerable.Range(0, node.Inputs.Count).Select(i => node.Map(i))];
                RequireOneRank(node, maps);
                return maps.Length == 1 ? maps[0] : layers.Append(new Add(node.NameOf()), maps[0].IsFlat, maps);
        }
    }

    private OnnxMap Difference(OnnxNode node) => node.Inputs switch
    {
        [OnnxMap map, OnnxConstant constant] => Affine(node, 0, null, PerChannel(node, constant, map, number => -number)),
        [OnnxConstant constant, OnnxMap map] => Affine(node, 1, PerChannel(node, new OnnxConstant([], [-1f]), map), PerChannel(node, constant, map)),
        _ => throw node.Unsupported("a difference of two values that are not constant"),
    };

    private OnnxMap Product(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxMap map, OnnxConstant constant]:
                return Affine(node, 0, PerChannel(node, constant, map), null);
            case [OnnxConstant constant, OnnxMap map]:
                return Affine(node, 1, PerChannel(node, constant, map), null);
            case [OnnxMap, OnnxMap]:
                break;
            default:
                throw node.Unsupported("a product of other than two values");
        }

        OnnxMap[] maps = [node.Map(0), node.Map(1)];
        RequireOneRank(node, maps);
        if ((maps[0].IsVector && !maps[1].IsVector) || IsGate(maps[0], maps[1]))
        {
            (maps[0], maps[1]) = (maps[1], maps[0]);
        }

        return IsGate(maps[1], maps[0]) ? layers.Append(new Silu(node.NameOf()), maps[0].IsFlat, [maps[0]])
            : layers.Append(new Multiply(node.NameOf()), maps[0].IsFlat, maps);

        bool IsGate(OnnxMap gate, OnnxMap of) => layers.MakerOf(gate) is Sigmoid sigmoid && sigmoid.Inputs[0] == of.Source;
    }

    private OnnxMap Pad(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        if (node.Text("mode", "constant") is var mode and not "constant")
        {
            throw node.Unsupported($"a padding of mode {mode}");
        }

        bool old = node.OperatorSet < 11;
        long[] pads = (old ? node.Integers("pads") : node.Integers(node.Required(1))) ?? throw node.Problem("no 'pads'");
        float value = old ? node.Number("value", 0) : node.Optional(2) is { } constant ? node.Single(constant) : 0;
        int[] axes = node.Optional(3) is { } list ? [.. node.Integers(list).Select(axis => node.Axis(axis, map.Rank))] : [0, 1, 2, 3];
        if (value != 0 || pads.Length != 2 * axes.Length)
        {
            throw node.Unsupported($"a padding by {value} with {pads.Length} numbers for {axes.Length} axes");
        }

        long[] before = new long[4], after = new long[4];
        for (int i = 0; i < axes.Length; i++)
        {
            before[axes[i]] = pads[i];
            after[axes[i]] = pads[axes.Length + i];
        }

        if (before[0] != 0 || before[1] != 0 || after[0] != 0 || after[1] != 0 || pads.Any(pad => pad < 0))
        {
            throw node.Unsupported("a padding of other than height and width, or of less than nothing");
        }

        Padding2d padding = Pads(node, [before[2], before[3], after[2], after[3]]);
        return padding == 0 ? map : layers.Append(new ZeroPad2d(node.NameOf()) { Padding = padding }, isFlat: false, [map]);
    }

    private static OnnxMap Flatten(OnnxNode node, OnnxMap map) => node.Axis(node.Integer("axis", 1), map.Rank) == 1 ? map with { IsFlat = true }
        : throw node.Unsupported("a flattening from other than axis 1 on");

    /// <summary>To [batch, values], or back to what it was.</summary>
    private static OnnxMap Reshape(OnnxNode node)
    {
        OnnxMap map = node.Map(0);
        long[] target = node.Integers(node.Required(1));
        if (node.Integer("allowzero", 0) != 0 || target.Length is not (2 or 4))
        {
            throw Refused();
        }

        long[] now = map.IsFlat ? [OnnxConstant.Batch, map.Shape.Length] : [OnnxConstant.Batch, map.Shape.Channels, map.Shape.Height, map.Shape.Width];
        long[] wanted = [.. target.Select((size, i) => size == 0 && i < now.Length ? now[i] : size)];
        int open = Array.IndexOf(wanted, -1);

        // One size may be left open: the batch's, or another that follows from the rest.
        long known = 1;
        for (int i = 1; i < wanted.Length; i++)
        {
            known = i == open ? known : wanted[i] >= 1 && wanted[i] <= map.Shape.Length ? known * wanted[i] : throw Refused();
        }

        if (open > 0 && map.Shape.Length % known == 0)
        {
            wanted[open] = map.Shape.Length / known;
            known = map.Shape.Length;
        }

        if (known != map.Shape.Length || !(open == 0 || wanted[0] == OnnxConstant.Batch))
        {
            throw Refused();
        }

        return wanted.Length == 2 ? map with { IsFlat = true }
            : new Shape((int)wanted[1], (int)wanted[2], (int)wanted[3]) == map.Shape ? map with { IsFlat = false }
            : throw Refused();

        FormatException Refused() => node.Unsupported($"a change of {map.Shape} to [{string.Join(", ", target.Select(size => size == OnnxConstant.Batch ? "batch" : $"{size}"))}]");
    }

    /// <summary>Takes away, or puts back, the height and width of maps of one pixel.</summary>
    private static OnnxMap Squeeze(OnnxNode node)
    {
        OnnxMap map = node.Map(0);
        bool removes = node.Operation == "Squeeze";
        long[]? axes = node.Axes();
        return axes is not null && map.IsVector && map.IsFlat != removes && axes.Select(axis => node.Axis(axis, 4)).Order().SequenceEqual([2, 3]) ? map with { IsFlat = removes }
            : throw node.Unsupported("a change of other dimensions than the height and width of one pixel");
    }

    /// <summary>
    /// Each channel times a number, plus a number: a depthwise convolution of one pixel, or the bias of the convolution before where that has none
    /// and nothing else takes from it.
    /// </summary>
    private OnnxMap Affine(OnnxNode node, int input, float[]? scale, float[]? shift)
    {
        OnnxMap map = node.Map(input);
        string value = node.Proto.Input[input];
        if (scale is null && takersOf(value) == 1 && _madeBy.GetValueOrDefault(value) == map.Source && layers.MakerOf(map) is Conv2d { HasBias: false } before)
        {
            layers.SetBias(before, shift!);
            return map;
        }

        int channels = map.Shape.Channels;
        if (scale is null)
        {
            scale = layers.Take(channels);
            Array.Fill(scale, 1);
        }

        var convolution = new Conv2d(node.NameOf(), channels, 1) { Groups = channels, HasBias = shift is not null };
        WeightTensor weight = new([channels, 1, 1, 1], scale);
        return layers.Append(convolution, map.IsFlat, [map], shift is null ? [weight] : [weight, new WeightTensor([channels], shift)]);
    }

    /// <summary>A constant's number for each of a map's channels: it has one in all or one for each.</summary>
    private float[] PerChannel(OnnxNode node, OnnxConstant constant, OnnxMap map, Func<float, float>? change = null)
    {
        float[] numbers = node.Numbers(constant);
        ImmutableArray<int> sizes = constant.Dimensions;
        int channels = map.Shape.Channels, channelAxis = sizes.Length - (map.Rank - 1);
        bool isSingle = numbers.Length == 1 && sizes.Length <= map.Rank;
        if (!isSingle && (numbers.Length != channels || sizes.Length > map.Rank || channelAxis < 0 || sizes[channelAxis] != channels || (map.IsFlat && !map.IsVector)))
        {
            throw node.Unsupported($"a constant of [{string.Join(", ", sizes)}] beside {map.Shape}");
        }

        float[] spread = layers.Take(channels);
        for (int c = 0; c < channels; c++)
        {
            float number = numbers[isSingle ? 0 : c];
            spread[c] = change is null ? number : change(number);
        }

        return spread;
    }

    /// <summary>A layer that changes each value, or each pixel, and has no parameters.</summary>
    private OnnxMap Append(OnnxNode node, Func<string, Layer> layer, bool needsFour = false)
    {
        OnnxMap map = node.Map(0, needsFour);
        return layers.Append(layer(node.NameOf()), map.IsFlat, [map]);
    }

    private static WeightTensor Kernel(OnnxNode node, out string? tensorName)
    {
        OnnxConstant constant = node.Required(1);
        tensorName = constant.TensorName;
        return constant.Dimensions.Length == 4 ? new WeightTensor(constant.Dimensions, node.Numbers(constant)) : throw node.Unsupported($"a kernel of {constant.Dimensions.Length} dimensions");
    }

    private static Size2d KernelSize(OnnxNode node, WeightTensor weight)
    {
        Size2d size = new(weight.Dimensions[2], weight.Dimensions[3]);
        return node.Size("kernel_shape", size) == size ? size : throw node.Problem($"'kernel_shape' is not the kernel's, {size}");
    }

    private static WeightTensor Vector(OnnxNode node, int input)
    {
        OnnxConstant constant = node.Required(input);
        return new WeightTensor(constant.Dimensions, node.Numbers(constant));
    }

    private static Padding2d Padding(OnnxNode node, Shape shape, Size2d kernel, Size2d stride, Size2d dilation)
    {
        long[]? pads = node.Integers("pads");
        string automatic = node.Text("auto_pad", "NOTSET");
        switch (automatic)
        {
            case "NOTSET":
                return Pads(node, pads);
            case "VALID":
                return 0;
            case "SAME_UPPER" or "SAME_LOWER":
                if (stride.Height < 1 || stride.Width < 1)
                {
                    throw node.Problem($"a step of {stride}");
                }

                (int top, int bottom) = Same(shape.Height, kernel.Height, stride.Height, dilation.Height);
                (int left, int right) = Same(shape.Width, kernel.Width, stride.Width, dilation.Width);
                return new Padding2d(top, left, bottom, right);
            default:
                throw node.Problem($"'auto_pad' is '{automatic}'");
        }

        // As many windows as steps fit into the input, begun or whole.
        (int Before, int After) Same(int size, int window, int step, int spread)
        {
            int total = Math.Max(checked(((size - 1) / step * step) + ((window - 1) * spread) + 1 - size), 0), less = total / 2;
            return automatic == "SAME_UPPER" ? (less, total - less) : (total - less, less);
        }
    }

    private static Padding2d Pads(OnnxNode node, long[]? pads) => pads switch
    {
        null => 0,
        [long top, long left, long bottom, long right] => new Padding2d(node.Int32("pads", top), node.Int32("pads", left), node.Int32("pads", bottom), node.Int32("pads", right)),
        _ => throw node.Unsupported($"'pads' of {pads.Length} numbers"),
    };

    private static void RequireOneRank(OnnxNode node, OnnxMap[] maps)
    {
        if (maps.Any(map => map.IsFlat != maps[0].IsFlat))
        {
            throw node.Unsupported("values of two and of four dimensions together");
        }
    }
}
