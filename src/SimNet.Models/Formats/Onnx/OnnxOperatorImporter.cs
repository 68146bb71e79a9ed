using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Imports operators as layers, for every supported operator set version.</summary>
/// <param name="layers">Receives the layers.</param>
/// <param name="consumersOf">Returns the number of consumers of a value, which are nodes or outputs of the graph.</param>
internal sealed class OnnxOperatorImporter(OnnxNetworkBuilder layers, Func<string, int> consumersOf)
{
    private readonly Dictionary<string, string> _producers = new(StringComparer.Ordinal);

    private OnnxArithmeticImporter Arithmetic => field ??= new OnnxArithmeticImporter(
        layers, (value, map) => consumersOf(value) == 1 && _producers.GetValueOrDefault(value) == map.Source);

    /// <summary>Imports a node and returns its first output; the others are not supported.</summary>
    /// <exception cref="FormatException">The node is damaged or not supported.</exception>
    /// <exception cref="ArgumentException">The settings or the shapes of a layer do not match.</exception>
    public OnnxValue Read(OnnxNode node)
    {
        int before = layers.Count;
        OnnxValue value = node.IsConstant ? OnnxConstantFolding.Evaluate(node, layers) : Layer(node);
        node.Finish();
        if (layers.Count > before)
        {
            _producers[node.Proto.Output[0]] = ((OnnxFeatureMap)value).Source;
        }

        return value;
    }

    private OnnxFeatureMap Layer(OnnxNode node)
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
                return Append(node, name => new GlobalAveragePool2d(name), requiresRank4: true);
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
                return OnnxReshapeImporter.Flatten(node, node.Map(0));
            case "Reshape":
                return OnnxReshapeImporter.Reshape(node);
            case "Squeeze" or "Unsqueeze":
                return OnnxReshapeImporter.Squeeze(node);
            case "Transpose":
                long[]? order = node.Integers("perm");
                OnnxFeatureMap moved = node.Map(0);
                return order is not null && order.Select((axis, i) => axis == i).All(same => same) && order.Length == moved.Rank
                    ? moved
                    : throw node.Unsupported("transposing a feature map");
            case "Identity":
                return node.Map(0);
            case "Cast":
                long type = node.Integer("to", 0);
                return type == (int)TensorProto.Types.DataType.Float
                    ? node.Map(0)
                    : throw node.Unsupported($"casting a feature map to data type {type}");
            default:
                throw node.Unsupported("this operator");
        }
    }

    private OnnxFeatureMap Convolution(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4: true);
        WeightTensor weight = Kernel(node, out string? tensorName);
        Size2d kernel = OnnxWindowAttributes.KernelSize(node, weight);
        Size2d stride = node.Size("strides", 1), dilation = node.Size("dilations", 1);
        var convolution = new Conv2d(node.LayerName(tensorName), weight.Dimensions[0], kernel)
        {
            Stride = stride,
            Dilation = dilation,
            Groups = node.Int32("group", node.Integer("group", 1)),
            Padding = OnnxWindowAttributes.Padding(node, map.Shape, kernel, stride, dilation),
            HasBias = node.Optional(2) is not null,
        };
        return layers.Append(convolution, isFlat: false, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxFeatureMap Transposed(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4: true);
        WeightTensor weight = Kernel(node, out string? tensorName);
        Size2d kernel = OnnxWindowAttributes.KernelSize(node, weight);
        if (node.Text("auto_pad", "NOTSET") is var automatic and not ("NOTSET" or "VALID"))
        {
            throw node.Unsupported($"'auto_pad' {automatic}");
        }

        int groups = node.Int32("group", node.Integer("group", 1));
        var convolution = new ConvTranspose2d(node.LayerName(tensorName), checked(weight.Dimensions[1] * groups), kernel)
        {
            Stride = node.Size("strides", 1),
            Dilation = node.Size("dilations", 1),
            OutputPadding = node.Size("output_padding", 0),
            Groups = groups,
            Padding = OnnxWindowAttributes.Pads(node, node.Integers("pads")),
            HasBias = node.Optional(2) is not null,
        };
        return layers.Append(convolution, isFlat: false, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxFeatureMap Normalization(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        if (map.IsFlat && !map.IsVector)
        {
            throw node.Unsupported("batch norm of flattened feature maps");
        }

        if (node.Integer("training_mode", 0) != 0
            || node.Integer("spatial", 1) != 1
            || node.Proto.Output.Skip(1).Any(output => output.Length > 0))
        {
            throw node.Unsupported("batch norm in training mode or not per channel");
        }

        // Momentum is the weight of the old statistics in ONNX, and of the new ones in BatchNorm2d. In decimal, 1 - 0.9 is exactly 0.1.
        float share = node.Number("momentum", 0.9f), momentum = share is >= 0 and < 1 ? (float)(1m - (decimal)share) : 0.1f;
        WeightTensor[] parameters = [.. Enumerable.Range(1, 4).Select(i => Vector(node, i))];
        var norm = new BatchNorm2d(node.LayerName(node.Required(1).TensorName))
        {
            Epsilon = node.Number("epsilon", 1e-5f),
            Momentum = momentum,
        };
        return layers.Append(norm, map.IsFlat, [map], parameters);
    }

    private OnnxFeatureMap Gemm(OnnxNode node)
    {
        if (node.Integer("transA", 0) != 0)
        {
            throw node.Unsupported("'transA'");
        }

        return Linear(
            node,
            node.Map(0),
            node.Required(1),
            node.Integer("transB", 0) != 0,
            node.Optional(2),
            node.Number("alpha", 1),
            node.Number("beta", 1));
    }

    /// <summary>Imports a fully connected layer as a convolution whose kernel has the size of the feature map.</summary>
    private OnnxFeatureMap Linear(
        OnnxNode node, OnnxFeatureMap map, OnnxConstant matrix, bool transposed, OnnxConstant? bias, float alpha, float beta)
    {
        if (!map.IsFlat)
        {
            throw node.Unsupported("a matrix product with a feature map of four dimensions");
        }

        float[] values = node.Numbers(matrix);
        Shape shape = map.Shape;
        if (matrix.Dimensions.Length != 2 || matrix.Dimensions[transposed ? 1 : 0] != shape.Length)
        {
            throw node.Problem($"the matrix has shape [{string.Join(", ", matrix.Dimensions)}] for {shape.Length} values");
        }

        int outputs = matrix.Dimensions[transposed ? 0 : 1], length = shape.Length;
        if (!transposed || alpha != 1)
        {
            float[] rows = layers.Allocate(values.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = alpha * (transposed ? values[i] : values[i % length * outputs + i / length]);
            }

            values = rows;
        }

        var convolution = new Conv2d(node.LayerName(matrix.TensorName), outputs, new Size2d(shape.Height, shape.Width))
        {
            HasBias = bias is not null,
        };
        WeightTensor weight = new([outputs, shape.Channels, shape.Height, shape.Width], values);
        if (bias is null)
        {
            return layers.Append(convolution, isFlat: true, [map], weight);
        }

        var output = new OnnxFeatureMap("", new Shape(outputs, 1, 1), IsFlat: true);
        float[] biases = Arithmetic.PerChannel(node, bias, output, number => beta * number);
        return layers.Append(convolution, isFlat: true, [map], weight, new WeightTensor([outputs], biases));
    }

    private OnnxFeatureMap MaxPool(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4: true);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = OnnxWindowAttributes.Window(node, map);
        _ = node.Integer("storage_order", 0);
        var pool = new MaxPool2d(node.LayerName(), kernel) { Stride = stride, Padding = padding, CeilMode = ceil };
        return layers.Append(pool, isFlat: false, [map]);
    }

    private OnnxFeatureMap AveragePool(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4: true);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = OnnxWindowAttributes.Window(node, map);
        bool counted = node.Integer("count_include_pad", 0) != 0;
        if (kernel == 1 && stride == 1 && padding == 0)
        {
            return map;
        }

        var pool = new AveragePool2d(node.LayerName(), kernel)
        {
            Stride = stride,
            Padding = padding,
            CeilMode = ceil,
            CountIncludePadding = counted || padding == 0,
        };
        return layers.Append(pool, isFlat: false, [map]);
    }

    private OnnxFeatureMap Mean(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4: true);
        bool keeps = node.Integer("keepdims", 1) != 0;
        _ = node.Integer("noop_with_empty_axes", 0);
        long[] axes = node.Axes() ?? throw node.Unsupported("the mean over all axes");
        return axes.Select(axis => node.Axis(axis, map.Rank)).Order().SequenceEqual([2, 3])
            ? layers.Append(new GlobalAveragePool2d(node.LayerName()), isFlat: !keeps, [map])
            : throw node.Unsupported($"the mean over axes {string.Join(", ", axes)}");
    }

    private OnnxFeatureMap Clip(OnnxNode node)
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

    private OnnxFeatureMap Softmax(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        long axis = node.Axis(node.Integer("axis", node.OperatorSet < 13 ? 1 : -1), map.Rank);

        // Before version 13, softmax flattened all axes from this one on.
        return axis == 1 && (map.IsVector || (!map.IsFlat && node.OperatorSet >= 13))
            ? Append(node, name => new Softmax(name))
            : throw node.Unsupported($"softmax over axis {axis}, which is not the channels,");
    }

    private OnnxFeatureMap Dropout(OnnxNode node)
    {
        float rate = node.OperatorSet < 12 ? node.Number("ratio", 0.5f) : node.Optional(1) is { } ratio ? node.Single(ratio) : 0.5f;
        _ = node.Integer("seed", 0);
        if (node.Optional(2) is { } training && node.Integers(training) is not [0])
        {
            throw node.Unsupported("dropout in training mode");
        }

        return Append(node, name => new Dropout(name) { Rate = rate });
    }

    private OnnxFeatureMap Concat(OnnxNode node)
    {
        OnnxFeatureMap[] maps = [.. Enumerable.Range(0, node.Inputs.Count).Select(i => node.Map(i))];
        if (maps.Any(map => map.IsFlat != maps[0].IsFlat) || node.Axis(node.Integer("axis", long.MaxValue), maps[0].Rank) != 1)
        {
            throw node.Unsupported("concatenating along an axis other than the channels");
        }

        return maps.Length == 1 ? maps[0] : layers.Append(new Concat(node.LayerName()), maps[0].IsFlat, maps);
    }

    private OnnxFeatureMap Pad(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4: true);
        if (node.Text("mode", "constant") is var mode and not "constant")
        {
            throw node.Unsupported($"padding of mode '{mode}'");
        }

        bool old = node.OperatorSet < 11;
        long[] pads = (old ? node.Integers("pads") : node.Integers(node.Required(1))) ?? throw node.Problem("attribute 'pads' is missing");
        float value = old ? node.Number("value", 0) : node.Optional(2) is { } constant ? node.Single(constant) : 0;
        int[] axes = node.Optional(3) is { } list ? [.. node.Integers(list).Select(axis => node.Axis(axis, map.Rank))] : [0, 1, 2, 3];
        if (value != 0 || pads.Length != 2 * axes.Length)
        {
            throw node.Unsupported($"padding with the value {value} and {pads.Length} numbers for {axes.Length} axes");
        }

        long[] before = new long[4], after = new long[4];
        for (int i = 0; i < axes.Length; i++)
        {
            before[axes[i]] = pads[i];
            after[axes[i]] = pads[axes.Length + i];
        }

        if (before[0] != 0 || before[1] != 0 || after[0] != 0 || after[1] != 0 || pads.Any(pad => pad < 0))
        {
            throw node.Unsupported("negative padding, or padding of an axis other than height and width,");
        }

        Padding2d padding = OnnxWindowAttributes.Pads(node, [before[2], before[3], after[2], after[3]]);
        return padding == 0 ? map : layers.Append(new ZeroPad2d(node.LayerName()) { Padding = padding }, isFlat: false, [map]);
    }

    /// <summary>Appends a layer with one input and no parameters.</summary>
    private OnnxFeatureMap Append(OnnxNode node, Func<string, Layer> layer, bool requiresRank4 = false)
    {
        OnnxFeatureMap map = node.Map(0, requiresRank4);
        return layers.Append(layer(node.LayerName()), map.IsFlat, [map]);
    }

    private static WeightTensor Kernel(OnnxNode node, out string? tensorName)
    {
        OnnxConstant constant = node.Required(1);
        tensorName = constant.TensorName;
        return constant.Dimensions.Length == 4
            ? new WeightTensor(constant.Dimensions, node.Numbers(constant))
            : throw node.Unsupported($"a kernel of {constant.Dimensions.Length} dimensions");
    }

    private static WeightTensor Vector(OnnxNode node, int input)
    {
        OnnxConstant constant = node.Required(input);
        return new WeightTensor(constant.Dimensions, node.Numbers(constant));
    }
}
