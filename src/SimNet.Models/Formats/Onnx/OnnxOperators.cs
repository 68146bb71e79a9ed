using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>What each of the standard's operators is as layers of a network: the meaning of its inputs and attributes in every version that is read.</summary>
/// <param name="layers">Where the layers go.</param>
/// <param name="takersOf">How many nodes, or the graph itself as an output, take the value of a name.</param>
internal sealed class OnnxOperators(OnnxLayers layers, Func<string, int> takersOf)
{
    private readonly Dictionary<string, string> _madeBy = new(StringComparer.Ordinal);

    private OnnxArithmetic Arithmetic => field ??= new OnnxArithmetic(layers, (value, map) => takersOf(value) == 1 && _madeBy.GetValueOrDefault(value) == map.Source);

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
                return Arithmetic.Sum(node);
            case "Sub":
                return Arithmetic.Difference(node);
            case "Mul":
                return Arithmetic.Product(node);
            case "Div":
                return Arithmetic.Quotient(node);
            case "Pad":
                return Pad(node);
            case "Flatten":
                return OnnxReshaping.Flatten(node, node.Map(0));
            case "Reshape":
                return OnnxReshaping.Reshape(node);
            case "Squeeze" or "Unsqueeze":
                return OnnxReshaping.Squeeze(node);
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
        Size2d kernel = OnnxWindows.KernelSize(node, weight), stride = node.Size("strides", 1), dilation = node.Size("dilations", 1);
        var convolution = new Conv2d(node.NameOf(tensorName), weight.Dimensions[0], kernel)
        {
            Stride = stride,
            Dilation = dilation,
            Groups = node.Int32("group", node.Integer("group", 1)),
            Padding = OnnxWindows.Padding(node, map.Shape, kernel, stride, dilation),
            HasBias = node.Optional(2) is not null,
        };
        return layers.Append(convolution, isFlat: false, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxMap Transposed(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        WeightTensor weight = Kernel(node, out string? tensorName);
        Size2d kernel = OnnxWindows.KernelSize(node, weight);
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
            Padding = OnnxWindows.Pads(node, node.Integers("pads")),
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
        return layers.Append(convolution, isFlat: true, [map], bias is null ? [weight] : [weight, new WeightTensor([outputs], Arithmetic.PerChannel(node, bias, new OnnxMap("", new Shape(outputs, 1, 1), IsFlat: true), number => beta * number))]);
    }

    private OnnxMap MaxPool(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = OnnxWindows.Window(node, map);
        _ = node.Integer("storage_order", 0);
        return layers.Append(new MaxPool2d(node.NameOf(), kernel) { Stride = stride, Padding = padding, CeilMode = ceil }, isFlat: false, [map]);
    }

    private OnnxMap AveragePool(OnnxNode node)
    {
        OnnxMap map = node.Map(0, needsFour: true);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = OnnxWindows.Window(node, map);
        bool counted = node.Integer("count_include_pad", 0) != 0;
        if (kernel == 1 && stride == 1 && padding == 0)
        {
            return map;
        }

        var pool = new AveragePool2d(node.NameOf(), kernel) { Stride = stride, Padding = padding, CeilMode = ceil, CountIncludePadding = counted || padding == 0 };
        return layers.Append(pool, isFlat: false, [map]);
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

        Padding2d padding = OnnxWindows.Pads(node, [before[2], before[3], after[2], after[3]]);
        return padding == 0 ? map : layers.Append(new ZeroPad2d(node.NameOf()) { Padding = padding }, isFlat: false, [map]);
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

    private static WeightTensor Vector(OnnxNode node, int input)
    {
        OnnxConstant constant = node.Required(input);
        return new WeightTensor(constant.Dimensions, node.Numbers(constant));
    }
}
