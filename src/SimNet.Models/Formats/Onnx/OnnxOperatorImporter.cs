using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Imports operators as layers, for every supported operator set version.</summary>
/// <param name="layers">Receives the layers.</param>
/// <param name="layouts">Imports operators that change dimensions.</param>
/// <param name="consumersOf">
/// Returns the number of consumers of a value: nodes, outputs of the graph, and the user who names it as the embedding.
/// </param>
internal sealed class OnnxOperatorImporter(OnnxNetworkBuilder layers, OnnxLayoutImporter layouts, Func<string, int> consumersOf)
{
    private readonly Dictionary<string, string> _producers = new(StringComparer.Ordinal);

    private OnnxArithmeticImporter Arithmetic => field ??= new OnnxArithmeticImporter(
        layers, layouts, (value, map) => consumersOf(value) == 1 && _producers.GetValueOrDefault(value) == map.Source);

    /// <summary>Imports a node and returns its outputs, or only the first; the others are not supported.</summary>
    /// <exception cref="FormatException">The node is damaged or not supported.</exception>
    /// <exception cref="ArgumentException">The settings or the shapes of a layer do not match.</exception>
    public OnnxValue[] Read(OnnxNode node)
    {
        int before = layers.Count;
        OnnxValue[] values = node.IsConstant ? [OnnxConstantFolding.Evaluate(node, layers)]
            : node.Operation == "Split" ? layouts.Split(node)
            : [Layer(node)];
        node.Finish();
        if (layers.Count > before && values is [OnnxFeatureMap map])
        {
            _producers[node.Proto.Output[0]] = map.Source;
        }

        return values;
    }

    private OnnxValue Layer(OnnxNode node)
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
                return layers.Append(new GlobalAveragePool2d(node.LayerName()), [layouts.Spatial(node, 0)]);
            case "GlobalMaxPool":
                OnnxFeatureMap pooled = layouts.Spatial(node, 0);
                return layers.Append(
                    new MaxPool2d(node.LayerName(), new Size2d(pooled.Shape.Height, pooled.Shape.Width)), [pooled]);
            case "ReduceMean" or "ReduceSum" or "ReduceMax" or "ReduceL2" or "ReduceSumSquare":
                return Arithmetic.Reduction(node);
            case "Relu":
                return Append(node, name => new Relu(name));
            case "PRelu":
                return ParametricRelu(node);
            case "Sigmoid":
                return Append(node, name => new Sigmoid(name));
            case "Tanh":
                return Arithmetic.Tanh(node);
            case "HardSwish":
                return Append(node, name => new HardSwish(name));
            case "Swish":
                return node.Number("alpha", 1) == 1
                    ? Append(node, name => new Silu(name))
                    : throw node.Unsupported("'alpha' other than 1");
            case "Gelu":
                return node.Text("approximate", "none") == "none"
                    ? Append(node, name => new Gelu(name))
                    : throw node.Unsupported("the approximation of GELU by tanh");
            case "Erf":
                return Arithmetic.ErrorFunction(node);
            case "LeakyRelu":
                float slope = node.Number("alpha", 0.01f);
                return Append(node, name => new LeakyRelu(name) { NegativeSlope = slope });
            case "HardSigmoid":
                (float alpha, float beta) = (node.Number("alpha", 0.2f), node.Number("beta", 0.5f));
                return Append(node, name => new HardSigmoid(name) { Alpha = alpha, Beta = beta });
            case "Clip":
                return Clip(node);
            case "Max" or "Min":
                return Arithmetic.Bound(node, isMinimum: node.Operation == "Min");
            case "Pow":
                return Arithmetic.Power(node);
            case "Sqrt":
                return Arithmetic.Power(node, 0.5f);
            case "Reciprocal":
                return Arithmetic.Power(node, -1);
            case "Softmax":
                return Softmax(node, name => new Softmax(name));
            case "LogSoftmax":
                return Softmax(node, name => new LogSoftmax(name));
            case "LayerNormalization":
                return LayerNorm(node);
            case "LpNormalization":
                return UnitLength(node);
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
                return layouts.Flatten(node);
            case "Reshape":
                return layouts.Reshape(node);
            case "Squeeze":
                return layouts.Squeeze(node);
            case "Unsqueeze":
                return OnnxLayoutImporter.Unsqueeze(node);
            case "Transpose":
                return OnnxLayoutImporter.Transpose(node);
            case "Gather":
                return layouts.Gather(node);
            case "Slice":
                return layouts.Slice(node);
            case "Expand":
                return layouts.Expand(node);
            case "Identity":
                return node.Inputs[0] is OnnxIntermediate part ? part : node.Map(0);
            case "Cast":
                long type = node.Integer("to", 0);
                _ = node.Integer("saturate", 1);
                return type == (int)TensorProto.Types.DataType.Float
                    ? node.Map(0)
                    : throw node.Unsupported($"casting a feature map to {(TensorProto.Types.DataType)type}");
            default:
                throw node.Unsupported("this operator");
        }
    }

    private OnnxFeatureMap Convolution(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.Spatial(node, 0);
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
        return layers.Append(convolution, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxFeatureMap Transposed(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.Spatial(node, 0);
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
        return layers.Append(convolution, [map], convolution.HasBias ? [weight, Vector(node, 2)] : [weight]);
    }

    private OnnxFeatureMap Normalization(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.WithChannels(node, node.Map(0));
        if (map.ChannelAxis != 1)
        {
            throw node.Unsupported("batch norm of an axis that is not the channels");
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
        return layers.Append(norm, [map], parameters) with { Layout = map.Layout };
    }

    private OnnxFeatureMap Gemm(OnnxNode node)
    {
        if (node.Integer("transA", 0) != 0 || node.Map(0).Rank != 2)
        {
            throw node.Unsupported("a transposed matrix or one of other than two dimensions as input 0");
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

    /// <summary>
    /// Imports a matrix product as a convolution: of the last axis if that is the channels, otherwise with a kernel of the size of the
    /// feature map.
    /// </summary>
    private OnnxFeatureMap Linear(
        OnnxNode node, OnnxFeatureMap map, OnnxConstant matrix, bool transposed, OnnxConstant? bias, float alpha, float beta)
    {
        bool isFlattened = map.Layout.Count == 1 && !map.IsVector;
        map = isFlattened ? map : layouts.WithChannels(node, map);
        if (!isFlattened && map.ChannelAxis != map.Rank - 1)
        {
            throw node.Unsupported($"a matrix product with {map.Shape} whose last dimension is not the channels");
        }

        float[] values = node.Numbers(matrix);
        Shape shape = isFlattened ? map.Shape : new Shape(map.Shape.Channels, 1, 1);
        int length = shape.Length;
        if (matrix.Dimensions.Length != 2 || matrix.Dimensions[transposed ? 1 : 0] != length)
        {
            throw node.Problem($"the matrix has shape [{string.Join(", ", matrix.Dimensions)}] for {length} values");
        }

        int outputs = matrix.Dimensions[transposed ? 0 : 1];
        bool isInOrder = !isFlattened || map.Layout.IsContiguous;
        if (!transposed || alpha != 1 || !isInOrder)
        {
            // The columns are in the order of the graph; the kernel is in that of the layer.
            int[]? order = isInOrder ? null : map.Layout.IndexesOf(0);
            float[] rows = layers.Allocate(values.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                (int row, int column) = (i / length, i % length);
                rows[(row * length) + (order is null ? column : order[column])] =
                    alpha * (transposed ? values[i] : values[(column * outputs) + row]);
            }

            values = rows;
        }

        var convolution = new Conv2d(node.LayerName(matrix.TensorName), outputs, new Size2d(shape.Height, shape.Width))
        {
            HasBias = bias is not null,
        };
        OnnxAxis[] axes = isFlattened ? [OnnxAxis.Channels] : map.AxesAroundChannels;
        Shape result = isFlattened ? new Shape(outputs, 1, 1) : map.Shape with { Channels = outputs };
        var output = new OnnxFeatureMap("", result, OnnxLayout.Of(axes, result));
        WeightTensor weight = new([outputs, shape.Channels, shape.Height, shape.Width], values);
        WeightTensor[] parameters = bias is null ? [weight]
            : [weight, new WeightTensor([outputs], Arithmetic.PerChannel(node, bias, output, number => beta * number))];
        return layers.Append(convolution, [map], parameters) with { Layout = output.Layout };
    }

    private OnnxFeatureMap MaxPool(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.Spatial(node, 0);
        (Size2d kernel, Size2d stride, Padding2d padding, bool ceil) = OnnxWindowAttributes.Window(node, map);
        _ = node.Integer("storage_order", 0);
        var pool = new MaxPool2d(node.LayerName(), kernel) { Stride = stride, Padding = padding, CeilMode = ceil };
        return layers.Append(pool, [map]);
    }

    private OnnxFeatureMap AveragePool(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.Spatial(node, 0);
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
        return layers.Append(pool, [map]);
    }

    private OnnxValue Clip(OnnxNode node)
    {
        return Arithmetic.Clip(node, 0, Bound(1, "min", float.NegativeInfinity), Bound(2, "max", float.PositiveInfinity));

        float Bound(int input, string attribute, float absent) =>
            node.OperatorSet < 11 ? node.Number(attribute, absent)
                : node.Optional(input) is { } constant ? node.Single(constant) : absent;
    }

    private OnnxFeatureMap ParametricRelu(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        OnnxConstant slopes = node.Required(1);
        map = slopes.Count == 1 ? map : layouts.WithChannels(node, map);
        string name = node.LayerName(slopes.TensorName);
        float[] values = Arithmetic.PerChannel(node, slopes, map);
        return layers.Append(new PRelu(name), [map], new WeightTensor([values.Length], values)) with { Layout = map.Layout };
    }

    private OnnxFeatureMap Softmax(OnnxNode node, Func<string, Layer> layer)
    {
        OnnxFeatureMap map = layouts.WithChannels(node, node.Map(0));
        int axis = node.Axis(node.Integer("axis", node.OperatorSet < 13 ? 1 : -1), map.Rank);

        // Before version 13, softmax flattened all axes from this one on.
        OnnxAxis[] after = map.Axes[axis..];
        return axis == map.ChannelAxis && (node.OperatorSet >= 13 || after.All(kind => kind == OnnxAxis.One))
            ? layers.Append(layer(node.LayerName()), [map]) with { Layout = map.Layout }
            : throw node.Unsupported($"an axis {axis} that is not the channels");
    }

    private OnnxFeatureMap LayerNorm(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.WithChannels(node, node.Map(0));
        int axis = node.Axis(node.Integer("axis", -1), map.Rank);
        _ = node.Integer("stash_type", 1);
        OnnxConstant weight = node.Required(1);
        OnnxConstant? bias = node.Optional(2);
        int channels = map.Shape.Channels;
        OnnxAxis[] others = [.. map.Axes.Where((_, i) => i + 1 >= axis && i + 1 != map.ChannelAxis)];
        if ((axis > map.ChannelAxis && channels > 1) || others.Any(kind => kind != OnnxAxis.One)
            || weight.Count != channels || (bias is not null && bias.Count != channels))
        {
            throw node.Unsupported($"normalizing other than the channels of {map.Shape}");
        }

        var norm = new LayerNorm2d(node.LayerName(weight.TensorName)) { Epsilon = node.Number("epsilon", 1e-5f) };
        OnnxFeatureMap normalized = layers.Append(
            norm,
            [map],
            new WeightTensor([channels], node.Numbers(weight)),
            new WeightTensor([channels], bias is null ? layers.Allocate(channels) : node.Numbers(bias)));
        return normalized with { Layout = map.Layout };
    }

    private OnnxFeatureMap UnitLength(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.WithChannels(node, node.Map(0));
        return node.Integer("p", 2) == 2 && node.Axis(node.Integer("axis", -1), map.Rank) == map.ChannelAxis
            ? layers.Append(new L2Normalization(node.LayerName()), [map]) with { Layout = map.Layout }
            : throw node.Unsupported("normalizing by another norm than that of the channels");
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
        OnnxFeatureMap[] maps =
            [.. Enumerable.Range(0, node.Inputs.Count).Select(i => layouts.WithChannels(node, node.Map(i)))];
        if (maps.Any(map => map.ChannelAxis != maps[0].ChannelAxis
                || !map.AxesAroundChannels.AsSpan().SequenceEqual(maps[0].AxesAroundChannels))
            || node.Axis(node.Integer("axis", long.MaxValue), maps[0].Rank) != maps[0].ChannelAxis)
        {
            throw node.Unsupported("concatenating along an axis other than the channels");
        }

        if (maps.Length == 1)
        {
            return maps[0];
        }

        OnnxFeatureMap result = layers.Append(new Concat(node.LayerName()), maps);
        return result with { Layout = OnnxLayout.Of(maps[0].AxesAroundChannels, result.Shape) };
    }

    private OnnxFeatureMap Pad(OnnxNode node)
    {
        OnnxFeatureMap map = layouts.Spatial(node, 0);
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
        return padding == 0 ? map : layers.Append(new ZeroPad2d(node.LayerName()) { Padding = padding }, [map]);
    }

    /// <summary>Appends a layer with one input and no parameters.</summary>
    private OnnxFeatureMap Append(OnnxNode node, Func<string, Layer> layer)
    {
        OnnxFeatureMap map = node.Map(0);
        return layers.Append(layer(node.LayerName()), [map]) with { Layout = map.Layout };
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
