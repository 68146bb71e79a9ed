using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace SimNet.Models;

/// <summary>
/// A network as an ONNX graph, without its weights. A layer's value and node have its name, a parameter's tensor has its own. Where
/// a layer takes several nodes, those before its last have no name.
/// </summary>
internal sealed class OnnxGraph
{
    /// <summary>The operator set whose forms the nodes have: what Debian's checker and every runtime of the last years know.</summary>
    public const int OperatorSet = 17;

    private readonly Network _network;
    private readonly bool[] _pooled;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _operands = new(StringComparer.Ordinal);

    /// <summary>Writes the nodes.</summary>
    /// <param name="network">The network; all its layers become nodes.</param>
    /// <param name="outputs">The layers whose values the graph puts out; one that is named twice stands once.</param>
    /// <param name="inHalf">Whether a parameter is stored in 16 bits and widened by a node of its own.</param>
    public OnnxGraph(Network network, IReadOnlyList<string> outputs, Func<ParameterInfo, bool> inHalf)
    {
        _network = network;
        _pooled = FindPooled(network);
        _names.Add(Network.InputName);
        _names.UnionWith(network.Layers.Select(layer => layer.Name));
        Graph = new GraphProto { Name = network.Name };
        Graph.Input.Add(ValueOf(Network.InputName, network.InputShape));
        ImmutableArray<string> tensors = [.. network.Parameters.Select(parameter => Fresh(parameter.Name))];
        for (int i = 0; i < tensors.Length; i++)
        {
            ParameterInfo parameter = network.Parameters[i];
            string operand = tensors[i];
            if (inHalf(parameter))
            {
                operand = Fresh($"{operand}/float");
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
                : throw new ArgumentException($"Output '{output}' is the network's input; expected a layer.", nameof(outputs)));
        }
    }

    /// <summary>The graph; its initializers are the layers' constants.</summary>
    public GraphProto Graph { get; }

    /// <summary>The tensors' names, one for each of <see cref="Network.Parameters"/>: the parameters' own unless a layer has that.</summary>
    public ImmutableArray<string> TensorNames { get; }

    private void AddLayer(int index)
    {
        Layer layer = _network.Layers[index];
        string[] from = [.. _network.Sources[index].Select(source => source < 0 ? Network.InputName : _network.Layers[source].Name)];
        string[] operands = [.. from, .. _network.ParametersByLayer[index].Select(parameter => _operands[parameter.Name])];
        switch (layer)
        {
            case Conv2d conv:
                Node("Conv", operands, [.. Window(conv.KernelSize, conv.Stride, conv.Padding), Integers("dilations", Both(conv.Dilation)), Integer("group", conv.Groups)]);
                break;
            case ConvTranspose2d conv:
                AddConvTranspose(conv, operands);
                break;
            case BatchNorm2d norm:
                Node("BatchNormalization", operands, Number("epsilon", norm.Epsilon), Number("momentum", (float)(1m - (decimal)norm.Momentum)));
                break;
            case MaxPool2d pool:
                Node("MaxPool", operands, Window(pool.KernelSize, pool.EffectiveStride, Reach(index, pool.KernelSize, pool.EffectiveStride, pool.Padding)));
                break;
            case AveragePool2d pool:
                AddAveragePool(index, pool, operands);
                break;
            case Clip clip:
                Node("Clip", [.. from, Constant("minimum", clip.Minimum), Constant("maximum", clip.Maximum)]);
                break;
            case ZeroPad2d pad:
                if (_pooled[index])
                {
                    AddZeros(layer.Name, from[0], layer.Name, pad.Padding, _network.OutputShapes[index].Channels);
                }
                else
                {
                    Node("Pad", [.. from, Constant("pads", pad.Padding)]);
                }

                break;
            case Dropout dropout:
                Node("Dropout", [.. from, Constant("ratio", dropout.Rate)]);
                break;
            case Silu:
                string gate = Fresh($"{layer.Name}/sigmoid");
                AddNode("Sigmoid", "", from, gate);
                Node("Mul", [.. from, gate]);
                break;
            case LeakyRelu leaky:
                Node("LeakyRelu", operands, Number("alpha", leaky.NegativeSlope));
                break;
            case HardSigmoid sigmoid:
                Node("HardSigmoid", operands, Number("alpha", sigmoid.Alpha), Number("beta", sigmoid.Beta));
                break;
            case Concat or Softmax:
                Node(layer.Kind, operands, Integer("axis", 1));
                break;
            case Add:
                Node(operands.Length == 2 ? "Add" : "Sum", operands);
                break;
            case Multiply:
                Node("Mul", operands);
                break;
            case GlobalAveragePool2d:
                Node("GlobalAveragePool", operands);
                break;
            case Relu or Sigmoid or HardSwish:
                Node(layer.Kind, operands);
                break;
            default:
                throw new NotSupportedException($"Layer '{layer.Name}' is of kind {layer.Kind}, which has no form in ONNX.");
        }

        void Node(string operation, string[] operands, params AttributeProto[] attributes) => AddNode(operation, layer.Name, operands, layer.Name, attributes);

        // A constant of the layer, named like a parameter of it.
        string Constant<T>(string name, T value)
        {
            var tensor = new TensorProto { Name = Fresh($"{layer.Name}.{name}") };
            switch (value)
            {
                case float number:
                    tensor.DataType = (int)TensorProto.Types.DataType.Float;
                    byte[] single = new byte[sizeof(float)];
                    BinaryPrimitives.WriteSingleLittleEndian(single, number);
                    tensor.RawData = UnsafeByteOperations.UnsafeWrap(single);
                    break;
                case Padding2d padding:
                    tensor.DataType = (int)TensorProto.Types.DataType.Int64;
                    long[] pads = [0, 0, padding.Top, padding.Left, 0, 0, padding.Bottom, padding.Right];
                    tensor.Dims.Add(pads.Length);
                    tensor.Int64Data.Add(pads);
                    break;
                default:
                    throw new NotSupportedException($"A constant of type {typeof(T)}.");
            }

            Graph.Initializer.Add(tensor);
            return tensor.Name;
        }

        void AddConvTranspose(ConvTranspose2d conv, string[] operands)
        {
            // Padding cuts what output padding adds. What is then left of it must be less than the step in ONNX, not so here where there is dilation.
            (int bottom, int rows) = (Math.Max(conv.Padding.Bottom - conv.OutputPadding.Height, 0), Math.Max(conv.OutputPadding.Height - conv.Padding.Bottom, 0));
            (int right, int columns) = (Math.Max(conv.Padding.Right - conv.OutputPadding.Width, 0), Math.Max(conv.OutputPadding.Width - conv.Padding.Right, 0));
            bool isPlain = conv.OutputPadding.Height < conv.Stride.Height && conv.OutputPadding.Width < conv.Stride.Width;
            bool fits = isPlain || (rows < conv.Stride.Height && columns < conv.Stride.Width);
            AttributeProto[] attributes =
            [
                .. Window(conv.KernelSize, conv.Stride, isPlain ? conv.Padding : conv.Padding with { Bottom = bottom, Right = right }),
                Integers("dilations", Both(conv.Dilation)),
                Integer("group", conv.Groups),
                Integers("output_padding", isPlain ? Both(conv.OutputPadding) : fits ? [rows, columns] : [0, 0]),
            ];
            if (fits)
            {
                Node("ConvTranspose", operands, attributes);
                return;
            }

            // No value of the input reaches what is added there: it is the bias.
            string bare = Fresh($"{layer.Name}/bare"), padded = conv.HasBias ? Fresh($"{layer.Name}/padded") : layer.Name;
            AddNode("ConvTranspose", "", operands[..2], bare, attributes);
            AddZeros(conv.HasBias ? "" : layer.Name, bare, padded, new Padding2d(0, 0, rows, columns), conv.OutChannels);
            if (conv.HasBias)
            {
                var axes = new TensorProto { Name = Fresh($"{layer.Name}.axes"), DataType = (int)TensorProto.Types.DataType.Int64, Dims = { 2 }, Int64Data = { 1, 2 } };
                Graph.Initializer.Add(axes);
                string bias = Fresh($"{operands[2]}/spread");
                AddNode("Unsqueeze", "", [operands[2], axes.Name], bias);
                Node("Add", [padded, bias]);
            }
        }

        // Runtimes merge Pad into the pooling after it, ONNX Runtime 1.30 even where that one's padding is no zeros or becomes too wide. So the
        // zeros come from a convolution that multiplies each value by one.
        void AddZeros(string name, string source, string padded, Padding2d padding, int channels)
        {
            float[] ones = new float[channels];
            Array.Fill(ones, 1);
            TensorProto weight = OnnxTensor.Write(Fresh($"{layer.Name}.ones"), new WeightTensor([channels, 1, 1, 1], ones), inHalf: false);
            Graph.Initializer.Add(weight);
            AddNode("Conv", name, [source, weight.Name], padded, [.. Window(1, 1, padding), Integer("group", channels)]);
        }

        void AddAveragePool(int index, AveragePool2d pool, string[] operands)
        {
            Padding2d reach = Reach(index, pool.KernelSize, pool.EffectiveStride, pool.Padding);
            bool countPadding = pool.CountIncludePadding && pool.Padding != 0;
            if (countPadding && reach != pool.Padding)
            {
                // The padding counts in the mean and what lies beyond it does not: runtimes disagree there, so the padding becomes part of the input.
                string padded = Fresh($"{layer.Name}/padded");
                AddZeros("", operands[0], padded, pool.Padding, _network.OutputShapes[index].Channels);
                operands = [padded];
                reach = new Padding2d(0, 0, reach.Bottom - pool.Padding.Bottom, reach.Right - pool.Padding.Right);
                countPadding = false;
            }

            Node("AveragePool", operands, [.. Window(pool.KernelSize, pool.EffectiveStride, reach), Integer("count_include_pad", countPadding ? 1 : 0)]);
        }
    }

    /// <summary>
    /// The padding with which a pooling has as many windows as the network says, the last ones whole. So no window is left to the
    /// rounding up, in which runtimes differ.
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

    /// <summary>For each layer whether a pooling takes its output, as it is or through dropouts, which are nothing in inference.</summary>
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

    private void AddNode(string operation, string name, IEnumerable<string> inputs, string output, params AttributeProto[] attributes)
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
    }

    /// <summary>The name, or one like it that nothing has yet: layers and parameters may share names, values of a graph may not.</summary>
    private string Fresh(string name)
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
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dimensions } },
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

    private static AttributeProto Integer(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Number(string name, float value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };
}
