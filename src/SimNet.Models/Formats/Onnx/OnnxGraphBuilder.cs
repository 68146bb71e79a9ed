using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace SimNet.Models;

/// <summary>
/// Creates the ONNX graph of a network, without its weights. Nodes and values have the names of layers, and tensors those of parameters. If
/// a layer needs several nodes, only the last one has a name.
/// </summary>
internal sealed class OnnxGraphBuilder
    : ILayerVisitor<OnnxGraphBuilder.NodeInputs, NodeProto>, IActivationVisitor<OnnxGraphBuilder.NodeInputs, NodeProto>
{
    /// <summary>The operator set version of the nodes, which the runtimes of recent years support.</summary>
    public const int OperatorSet = 17;

    private readonly Network _network;
    private readonly bool[] _pooled;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _operands = new(StringComparer.Ordinal);

    /// <summary>Creates the graph.</summary>
    /// <param name="network">The network.</param>
    /// <param name="outputs">The layers that are outputs of the graph; duplicates are omitted.</param>
    /// <param name="inHalf">Returns whether a parameter is stored in 16 bits and converted to 32 bits by a node.</param>
    public OnnxGraphBuilder(Network network, IReadOnlyList<string> outputs, Func<ParameterInfo, bool> inHalf)
    {
        _network = network;
        _pooled = FindPooled(network);
        _names.Add(Network.InputName);
        _names.UnionWith(network.Layers.Select(layer => layer.Name));
        Graph = new GraphProto { Name = network.Name };
        Graph.Input.Add(ValueOf(Network.InputName, network.InputShape));
        ImmutableArray<string> tensors = [.. network.Parameters.Select(parameter => UniqueName(parameter.Name))];
        for (int i = 0; i < tensors.Length; i++)
        {
            ParameterInfo parameter = network.Parameters[i];
            string operand = tensors[i];
            if (inHalf(parameter))
            {
                operand = UniqueName($"{operand}/float");
                AddNode("Cast", "", [tensors[i]], operand, Integer("to", (int)TensorProto.Types.DataType.Float));
            }

            _operands.Add(parameter.Name, operand);
        }

        TensorNames = tensors;
        for (int i = 0; i < network.Layers.Length; i++)
        {
            AddLayer(i);
        }

        foreach (string output in outputs.Distinct(StringComparer.Ordinal))
        {
            int layer = network.IndexOf(output);
            Graph.Output.Add(layer >= 0 ? ValueOf(output, network.OutputShapes[layer])
                : throw new ArgumentException($"Output '{output}' is the input of the network; expected a layer.", nameof(outputs)));
        }
    }

    /// <summary>The graph. Its initializers are constants of layers.</summary>
    public GraphProto Graph { get; }

    /// <summary>
    /// The tensor name of each of <see cref="Network.Parameters"/>: that of the parameter, unless a layer has the same name.
    /// </summary>
    public ImmutableArray<string> TensorNames { get; }

    private void AddLayer(int index)
    {
        string[] from = [.. _network.Sources[index].Select(source => source < 0 ? Network.InputName : _network.Layers[source].Name)];
        string[] operands = [.. from, .. _network.ParametersByLayer[index].Select(parameter => _operands[parameter.Name])];
        _network.Layers[index].Accept(this, new NodeInputs(index, from, operands));
    }

    public NodeProto Visit(Conv2d layer, NodeInputs inputs) => AddLast(
        "Conv",
        layer,
        inputs.Operands,
        [
            .. Window(layer.KernelSize, layer.Stride, layer.Padding),
            Integers("dilations", Both(layer.Dilation)),
            Integer("group", layer.Groups),
        ]);

    public NodeProto Visit(ConvTranspose2d layer, NodeInputs inputs)
    {
        // Padding removes what output padding adds. ONNX requires output padding to be less than the stride; layers allow more with
        // dilation.
        (Size2d added, Padding2d padding) = (layer.OutputPadding, layer.Padding);
        (int bottom, int rows) = (Math.Max(padding.Bottom - added.Height, 0), Math.Max(added.Height - padding.Bottom, 0));
        (int right, int columns) = (Math.Max(padding.Right - added.Width, 0), Math.Max(added.Width - padding.Right, 0));
        bool isPlain = added.Height < layer.Stride.Height && added.Width < layer.Stride.Width;
        bool fits = isPlain || (rows < layer.Stride.Height && columns < layer.Stride.Width);
        AttributeProto[] attributes =
        [
            .. Window(layer.KernelSize, layer.Stride, isPlain ? padding : padding with { Bottom = bottom, Right = right }),
            Integers("dilations", Both(layer.Dilation)),
            Integer("group", layer.Groups),
            Integers("output_padding", isPlain ? Both(added) : fits ? [rows, columns] : [0, 0]),
        ];
        if (fits)
        {
            return AddLast("ConvTranspose", layer, inputs.Operands, attributes);
        }

        // The input does not contribute to the added rows and columns, which are equal to the bias.
        string bare = UniqueName($"{layer.Name}/bare"), padded = layer.HasBias ? UniqueName($"{layer.Name}/padded") : layer.Name;
        AddNode("ConvTranspose", "", inputs.Operands[..2], bare, attributes);
        NodeProto zeros = AddZeros(
            layer, layer.HasBias ? "" : layer.Name, bare, padded, new Padding2d(0, 0, rows, columns), layer.OutChannels);
        if (!layer.HasBias)
        {
            return zeros;
        }

        var axes = new TensorProto
        {
            Name = UniqueName($"{layer.Name}.axes"),
            DataType = (int)TensorProto.Types.DataType.Int64,
            Dims = { 2 },
            Int64Data = { 1, 2 },
        };
        Graph.Initializer.Add(axes);
        string bias = UniqueName($"{inputs.Operands[2]}/spread");
        AddNode("Unsqueeze", "", [inputs.Operands[2], axes.Name], bias);
        return AddLast("Add", layer, [padded, bias]);
    }

    public NodeProto Visit(BatchNorm2d layer, NodeInputs inputs) => AddLast(
        "BatchNormalization",
        layer,
        inputs.Operands,
        Number("epsilon", layer.Epsilon),
        Number("momentum", (float)(1m - (decimal)layer.Momentum)));

    public NodeProto Visit(MaxPool2d layer, NodeInputs inputs) => AddLast(
        "MaxPool",
        layer,
        inputs.Operands,
        Window(
            layer.KernelSize, layer.EffectiveStride, Reach(inputs.Index, layer.KernelSize, layer.EffectiveStride, layer.Padding)));

    public NodeProto Visit(AveragePool2d layer, NodeInputs inputs)
    {
        Padding2d reach = Reach(inputs.Index, layer.KernelSize, layer.EffectiveStride, layer.Padding);
        bool countPadding = layer.CountIncludePadding && layer.Padding != 0;
        string[] operands = inputs.Operands;
        if (countPadding && reach != layer.Padding)
        {
            // The mean includes the padding but not what is beyond it. Runtimes differ in this case, so the padding becomes part of the
            // input.
            string padded = UniqueName($"{layer.Name}/padded");
            AddZeros(layer, "", operands[0], padded, layer.Padding, _network.OutputShapes[inputs.Index].Channels);
            operands = [padded];
            reach = new Padding2d(0, 0, reach.Bottom - layer.Padding.Bottom, reach.Right - layer.Padding.Right);
            countPadding = false;
        }

        return AddLast(
            "AveragePool",
            layer,
            operands,
            [.. Window(layer.KernelSize, layer.EffectiveStride, reach), Integer("count_include_pad", countPadding ? 1 : 0)]);
    }

    public NodeProto Visit(GlobalAveragePool2d layer, NodeInputs inputs) => AddLast("GlobalAveragePool", layer, inputs.Operands);

    public NodeProto Visit(Softmax layer, NodeInputs inputs) => AddLast("Softmax", layer, inputs.Operands, Integer("axis", 1));

    public NodeProto Visit(Dropout layer, NodeInputs inputs)
        => AddLast("Dropout", layer, [.. inputs.From, Constant(layer, "ratio", layer.Rate)]);

    public NodeProto Visit(Concat layer, NodeInputs inputs) => AddLast("Concat", layer, inputs.Operands, Integer("axis", 1));

    public NodeProto Visit(Add layer, NodeInputs inputs) => AddLast(inputs.Operands.Length == 2 ? "Add" : "Sum", layer, inputs.Operands);

    public NodeProto Visit(Multiply layer, NodeInputs inputs) => AddLast("Mul", layer, inputs.Operands);

    public NodeProto Visit(ZeroPad2d layer, NodeInputs inputs) => _pooled[inputs.Index]
        ? AddZeros(layer, layer.Name, inputs.From[0], layer.Name, layer.Padding, _network.OutputShapes[inputs.Index].Channels)
        : AddLast("Pad", layer, [.. inputs.From, Constant(layer, "pads", layer.Padding)]);

    public NodeProto Visit(Flatten layer, NodeInputs inputs) => AddLast(
        "Reshape", layer, [.. inputs.From, Constant(layer, "shape", [0, -1, 1, 1])]);

    public NodeProto Visit(ChannelShuffle layer, NodeInputs inputs)
    {
        Shape shape = _network.OutputShapes[inputs.Index];
        string grouped = UniqueName($"{layer.Name}/grouped"), shuffled = UniqueName($"{layer.Name}/shuffled");
        long[] groups = [0, layer.Groups, shape.Channels / layer.Groups, shape.Height, shape.Width];
        AddNode("Reshape", "", [.. inputs.From, Constant(layer, "groups", groups)], grouped);
        AddNode("Transpose", "", [grouped], shuffled, Integers("perm", [0, 2, 1, 3, 4]));
        return AddLast("Reshape", layer, [shuffled, Constant(layer, "shape", [0, shape.Channels, shape.Height, shape.Width])]);
    }

    public NodeProto Visit(Slice layer, NodeInputs inputs)
    {
        Shape to = _network.OutputShapes[inputs.Index];
        long[] starts = [layer.FirstChannel, layer.Crop.Top, layer.Crop.Left];
        long[] steps = [1, layer.Step.Height, layer.Step.Width];
        long[] ends = [starts[0] + to.Channels, starts[1] + ((to.Height - 1) * steps[1]) + 1, starts[2] + ((to.Width - 1) * steps[2]) + 1];
        return AddLast(
            "Slice",
            layer,
            [
                .. inputs.From,
                Constant(layer, "starts", starts),
                Constant(layer, "ends", ends),
                Constant(layer, "axes", [1, 2, 3]),
                Constant(layer, "steps", steps),
            ]);
    }

    public NodeProto Visit(LogSoftmax layer, NodeInputs inputs) => AddLast("LogSoftmax", layer, inputs.Operands, Integer("axis", 1));

    public NodeProto Visit(L2Normalization layer, NodeInputs inputs)
    {
        string norm = UniqueName($"{layer.Name}/norm"), bounded = UniqueName($"{layer.Name}/bounded");
        AddNode("ReduceL2", "", inputs.From, norm, Integers("axes", [1]), Integer("keepdims", 1));
        AddNode("Clip", "", [norm, Constant(layer, "minimum", layer.Epsilon)], bounded);
        return AddLast("Div", layer, [.. inputs.From, bounded]);
    }

    public NodeProto Visit(LayerNorm2d layer, NodeInputs inputs)
    {
        // LayerNormalization is over the last axes, so the channels become the last.
        string last = UniqueName($"{layer.Name}/channels_last"), normalized = UniqueName($"{layer.Name}/normalized");
        AddNode("Transpose", "", inputs.From, last, Integers("perm", [0, 2, 3, 1]));
        AddNode(
            "LayerNormalization",
            "",
            [last, .. inputs.Operands[1..]],
            normalized,
            Integer("axis", -1),
            Number("epsilon", layer.Epsilon));
        return AddLast("Transpose", layer, [normalized], Integers("perm", [0, 3, 1, 2]));
    }

    public NodeProto Visit(PRelu layer, NodeInputs inputs)
    {
        string slopes = UniqueName($"{inputs.Operands[1]}/spread");
        AddNode("Unsqueeze", "", [inputs.Operands[1], Constant(layer, "axes", [1, 2])], slopes);
        return AddLast("PRelu", layer, [.. inputs.From, slopes]);
    }

    public NodeProto Visit(ActivationLayer layer, NodeInputs inputs) => layer.Accept<NodeInputs, NodeProto>(this, inputs);

    public NodeProto Visit(Relu layer, NodeInputs inputs) => AddLast("Relu", layer, inputs.Operands);

    public NodeProto Visit(LeakyRelu layer, NodeInputs inputs)
        => AddLast("LeakyRelu", layer, inputs.Operands, Number("alpha", layer.NegativeSlope));

    public NodeProto Visit(Clip layer, NodeInputs inputs) => AddLast(
        "Clip", layer, [.. inputs.From, Constant(layer, "minimum", layer.Minimum), Constant(layer, "maximum", layer.Maximum)]);

    public NodeProto Visit(HardSigmoid layer, NodeInputs inputs)
        => AddLast("HardSigmoid", layer, inputs.Operands, Number("alpha", layer.Alpha), Number("beta", layer.Beta));

    public NodeProto Visit(HardSwish layer, NodeInputs inputs) => AddLast("HardSwish", layer, inputs.Operands);

    public NodeProto Visit(Sigmoid layer, NodeInputs inputs) => AddLast("Sigmoid", layer, inputs.Operands);

    public NodeProto Visit(Gelu layer, NodeInputs inputs)
    {
        // Operator set 20 is the first with GELU.
        string scaled = UniqueName($"{layer.Name}/scaled"), error = UniqueName($"{layer.Name}/erf");
        string sum = UniqueName($"{layer.Name}/sum"), product = UniqueName($"{layer.Name}/product");
        AddNode("Div", "", [.. inputs.From, Constant(layer, "sqrt2", MathF.Sqrt(2))], scaled);
        AddNode("Erf", "", [scaled], error);
        AddNode("Add", "", [error, Constant(layer, "one", 1f)], sum);
        AddNode("Mul", "", [.. inputs.From, sum], product);
        return AddLast("Mul", layer, [product, Constant(layer, "half", 0.5f)]);
    }

    public NodeProto Visit(Power layer, NodeInputs inputs)
        => AddLast("Pow", layer, [.. inputs.From, Constant(layer, "exponent", layer.Exponent)]);

    public NodeProto Visit(Silu layer, NodeInputs inputs)
    {
        string gate = UniqueName($"{layer.Name}/sigmoid");
        AddNode("Sigmoid", "", inputs.From, gate);
        return AddLast("Mul", layer, [.. inputs.From, gate]);
    }

    /// <summary>Adds the node that computes the output of a layer.</summary>
    private NodeProto AddLast(string operation, Layer layer, string[] operands, params AttributeProto[] attributes)
        => AddNode(operation, layer.Name, operands, layer.Name, attributes);

    /// <summary>Adds a constant of a layer, named like a parameter.</summary>
    private string Constant(Layer layer, string name, float value)
    {
        byte[] bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return AddConstant(new TensorProto
        {
            Name = UniqueName($"{layer.Name}.{name}"),
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = UnsafeByteOperations.UnsafeWrap(bytes),
        });
    }

    private string Constant(Layer layer, string name, Padding2d value)
        => Constant(layer, name, [0, 0, value.Top, value.Left, 0, 0, value.Bottom, value.Right]);

    private string Constant(Layer layer, string name, long[] values)
    {
        var tensor = new TensorProto { Name = UniqueName($"{layer.Name}.{name}"), DataType = (int)TensorProto.Types.DataType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        return AddConstant(tensor);
    }

    private string AddConstant(TensorProto tensor)
    {
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>
    /// Adds zero padding by a convolution with a 1x1 kernel of ones. Runtimes merge Pad into the pooling after it; ONNX Runtime 1.30 does
    /// so even if the pooling does not pad with zeros or the padding becomes too wide.
    /// </summary>
    private NodeProto AddZeros(Layer layer, string name, string source, string padded, Padding2d padding, int channels)
    {
        float[] ones = new float[channels];
        Array.Fill(ones, 1);
        TensorProto weight = OnnxTensor.Write(UniqueName($"{layer.Name}.ones"), new WeightTensor([channels, 1, 1, 1], ones), inHalf: false);
        Graph.Initializer.Add(weight);
        return AddNode("Conv", name, [source, weight.Name], padded, [.. Window(1, 1, padding), Integer("group", channels)]);
    }

    /// <summary>
    /// Computes the padding that gives a pooling the same number of windows without ceil mode, in which runtimes differ.
    /// </summary>
    private Padding2d Reach(int index, Size2d kernel, Size2d stride, Padding2d padding)
    {
        Shape to = _network.OutputShapes[index];
        Shape from = _network.Sources[index][0] is var source and >= 0 ? _network.OutputShapes[source] : _network.InputShape;
        return padding with
        {
            Bottom = Math.Max(padding.Bottom, (to.Height - 1) * stride.Height + kernel.Height - from.Height - padding.Top),
            Right = Math.Max(padding.Right, (to.Width - 1) * stride.Width + kernel.Width - from.Width - padding.Left),
        };
    }

    /// <summary>Finds the layers whose output a pooling consumes, directly or through dropouts, which do nothing in inference.</summary>
    private static bool[] FindPooled(Network network)
    {
        var pooled = new bool[network.Layers.Length];
        for (int i = pooled.Length - 1; i >= 0; i--)
        {
            if (network.Layers[i] is MaxPool2d or AveragePool2d || (network.Layers[i] is Dropout && pooled[i]))
            {
                foreach (int source in network.Sources[i].Where(source => source >= 0))
                {
                    pooled[source] = true;
                }
            }
        }

        return pooled;
    }

    private NodeProto AddNode(
        string operation, string name, IEnumerable<string> inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation };
        if (name.Length > 0)
        {
            node.Name = name;
        }

        node.Input.Add(inputs);
        node.Output.Add(output);
        node.Attribute.Add(attributes);
        Graph.Node.Add(node);
        return node;
    }

    /// <summary>Makes a name unique. A layer and a parameter can have the same name, but values of a graph cannot.</summary>
    private string UniqueName(string name)
    {
        while (!_names.Add(name))
        {
            name += "_";
        }

        return name;
    }

    private static ValueInfoProto ValueOf(string name, Shape shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        foreach (int size in (ReadOnlySpan<int>)[shape.Channels, shape.Height, shape.Width])
        {
            dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dimensions },
            },
        };
    }

    private static AttributeProto[] Window(Size2d kernel, Size2d stride, Padding2d padding) =>
    [
        Integers("kernel_shape", Both(kernel)),
        Integers("pads", [padding.Top, padding.Left, padding.Bottom, padding.Right]),
        Integers("strides", Both(stride)),
    ];

    private static long[] Both(Size2d size) => [size.Height, size.Width];

    private static AttributeProto Integers(string name, long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Number(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    /// <summary>The inputs of the nodes of a layer.</summary>
    /// <param name="Index">The index of the layer.</param>
    /// <param name="From">The values of its input layers.</param>
    /// <param name="Operands">The values of its input layers, followed by its parameters.</param>
    internal readonly record struct NodeInputs(int Index, string[] From, string[] Operands);
}
