using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// A graph as a network. Nodes must stand after those they take from, as the standard says, so one pass in their order reads them and
/// a graph with a cycle is refused by its first missing value. Nodes that no output needs are not looked at.
/// </summary>
internal sealed class OnnxImport
{
    private const int OldestOperatorSet = 7, NewestOperatorSet = 21;

    /// <summary>
    /// Values that any file's constants may become. A larger file's may become as many as it has bytes: each float32 changed four times.
    /// </summary>
    private const long FewValues = 1 << 22;

    /// <summary>Name of the layer that is put in where a network ends as SqueezeNet does.</summary>
    private const string MeansName = SqueezeNet.EmbeddingLayer;

    private readonly ModelProto _model;
    private readonly OnnxImportOptions _options;
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _takers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _linear = new(StringComparer.Ordinal);

    private OnnxImport(ModelProto model, OnnxImportOptions options)
    {
        _model = model;
        _options = options;
    }

    /// <param name="model">The file.</param>
    /// <param name="options">What is wanted of it.</param>
    /// <param name="embeddingLayer">The embedding layer that the file names, if it does.</param>
    /// <param name="metadata">The texts to go with the model.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="FormatException">The graph is damaged or no network of layers.</exception>
    /// <exception cref="ArgumentException">A layer's settings, shapes or weights do not fit.</exception>
    /// <exception cref="OverflowException">A size cannot be counted.</exception>
    public static Model Read(ModelProto model, OnnxImportOptions options, string? embeddingLayer, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        new OnnxImport(model, options).Read(embeddingLayer, metadata, cancellationToken);

    private Model Read(string? embeddingLayer, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        GraphProto graph = _model.Graph;
        int operatorSet = OperatorSet();
        foreach (TensorProto tensor in graph.Initializer)
        {
            if (!_tensors.TryAdd(tensor.Name, tensor))
            {
                throw new FormatException($"two tensors are named '{tensor.Name}'");
            }
        }

        // Old files list the tensors among the inputs.
        ValueInfoProto[] inputs = [.. graph.Input.Where(input => !_tensors.ContainsKey(input.Name))];
        ValueInfoProto input = inputs.Length == 1 ? inputs[0]
            : throw new FormatException($"the graph takes {inputs.Length} inputs ({string.Join(", ", inputs.Take(5).Select(value => value.Name))}); networks of pictures take one");
        var layers = new OnnxLayers(InputShape(input), FewValues + _model.CalculateSize());
        _values.Add(input.Name, layers.Input);
        bool[] needed = Needed(graph);
        var operators = new OnnxOperators(layers, name => _takers.GetValueOrDefault(name));
        for (int i = 0; i < graph.Node.Count; i++)
        {
            if (needed[i])
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadNode(graph.Node[i], i, operatorSet, operators);
            }
        }

        string first = graph.Output[0].Name;
        OnnxMap output = Value(first) as OnnxMap ?? throw new FormatException($"output '{first}' does not depend on the input");
        return Build(layers, output, embeddingLayer, metadata);
    }

    private int OperatorSet()
    {
        if (_model.Graph is null)
        {
            throw new FormatException("there is no graph; no ONNX model");
        }

        OperatorSetIdProto? standard = _model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx");
        return standard is { Version: >= OldestOperatorSet and <= NewestOperatorSet } ? (int)standard.Version
            : throw new FormatException($"operator set {standard?.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not named"}; {OldestOperatorSet} to {NewestOperatorSet} are read, SimNet.OnnxRuntime runs others");
    }

    private Shape InputShape(ValueInfoProto input)
    {
        TypeProto.Types.Tensor? type = input.Type?.TensorType;
        if (type is null || type.ElemType != (int)TensorProto.Types.DataType.Float || type.Shape is null || type.Shape.Dim.Count != 4)
        {
            throw new FormatException($"input '{input.Name}' is of data type {type?.ElemType ?? 0} and {type?.Shape?.Dim.Count ?? 0} dimensions; expected float32, and batch, channels, height and width. SimNet.OnnxRuntime runs others");
        }

        long[] sizes = [.. type.Shape.Dim.Skip(1).Select(dimension => dimension.HasDimValue && dimension.DimValue > 0 ? dimension.DimValue : 0)];
        if (_options.InputShape is { } wanted)
        {
            long[] asked = [wanted.Channels, wanted.Height, wanted.Width];
            return sizes.Zip(asked).All(pair => (pair.First == 0 || pair.First == pair.Second) && pair.Second > 0) ? wanted
                : throw new FormatException($"input '{input.Name}' is {string.Join(" x ", sizes.Select(size => size == 0 ? "?" : $"{size}"))}; {nameof(OnnxImportOptions.InputShape)} is {string.Join(" x ", asked)} (channels, height, width)");
        }

        return sizes.All(size => size is >= 1 and <= int.MaxValue) ? new Shape((int)sizes[0], (int)sizes[1], (int)sizes[2])
            : throw new FormatException($"input '{input.Name}' leaves channels, height or width free; name them by {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.InputShape)}");
    }

    /// <summary>The nodes that an output needs. Counts how many of them, or outputs, take each value.</summary>
    private bool[] Needed(GraphProto graph)
    {
        if (graph.Output.Count == 0)
        {
            throw new FormatException("the graph has no output");
        }

        var makers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output)
            {
                if (output.Length > 0 && (!makers.TryAdd(output, i) || _tensors.ContainsKey(output) || _values.ContainsKey(output)))
                {
                    throw new FormatException($"two values are named '{output}'");
                }
            }
        }

        bool[] needed = new bool[graph.Node.Count];
        var open = new Stack<string>(graph.Output.Select(output => output.Name));
        while (open.TryPop(out string? name))
        {
            _takers[name] = _takers.GetValueOrDefault(name) + 1;
            if (makers.TryGetValue(name, out int maker) && !needed[maker])
            {
                needed[maker] = true;
                foreach (string input in graph.Node[maker].Input)
                {
                    open.Push(input);
                }
            }
        }

        return needed;
    }

    private void ReadNode(NodeProto proto, int index, int operatorSet, OnnxOperators operators)
    {
        if (proto.Output.Count == 0 || proto.Output[0].Length == 0)
        {
            throw new FormatException($"node '{proto.Name}' ({proto.OpType}) has no first output");
        }

        OnnxValue?[] inputs = [.. proto.Input.Select(name => name.Length == 0 ? null : Value(name)
            ?? throw new FormatException($"node '{proto.Name}' ({proto.OpType}) takes '{name}', which no node before it, tensor or input is"))];
        var node = new OnnxNode(proto, index, operatorSet, inputs);
        try
        {
            OnnxValue value = operators.Read(node);
            _values.Add(proto.Output[0], value);
            if (value is OnnxMap map && proto.OpType is "Gemm" or "MatMul")
            {
                _linear.Add(map.Source);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new FormatException($"{node.Place}: {exception.Message}", exception);
        }
    }

    /// <summary>The value of a name; a tensor's is read when it is first asked for.</summary>
    private OnnxValue? Value(string name)
    {
        if (!_values.TryGetValue(name, out OnnxValue? value) && _tensors.TryGetValue(name, out TensorProto? tensor))
        {
            value = OnnxTensor.Read(tensor);
            _values.Add(name, value);
        }

        return value;
    }

    private Model Build(OnnxLayers read, OnnxMap output, string? embeddingLayer, IReadOnlyDictionary<string, string> metadata)
    {
        if (output.Source == Network.InputName)
        {
            throw new FormatException("the output is the input; no layer is between them");
        }

        var layers = read.Layers.ToList();
        string embedding = Embedding(layers, output, embeddingLayer);
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Layer layer in layers)
        {
            indexes.Add(layer.Name, indexes.Count);
        }

        // The network ends with the first output, and has what that and the embedding need.
        bool[] needed = new bool[layers.Count];
        var open = new Stack<string>([output.Source, embedding]);
        while (open.TryPop(out string? name))
        {
            if (indexes.TryGetValue(name, out int index) && !needed[index])
            {
                needed[index] = true;
                foreach (string source in layers[index].Inputs)
                {
                    open.Push(source);
                }
            }
        }

        Layer last = layers[indexes[output.Source]];
        List<Layer> ordered = [.. layers.Where((_, i) => needed[i])];
        if (!ordered.Any(layer => layer.Inputs.Contains(last.Name)))
        {
            ordered.Remove(last);
            ordered.Add(last);
        }

        for (int i = 0; i < ordered.Count; i++)
        {
            // What takes from the layer before it need not say so.
            if (ordered[i].Inputs is [string only] && only == (i == 0 ? Network.InputName : ordered[i - 1].Name))
            {
                ordered[i] = ordered[i] with { Inputs = [] };
            }
        }

        var network = new Network(string.IsNullOrWhiteSpace(_model.Graph.Name) ? "onnx" : _model.Graph.Name, read.Input.Shape, ordered);
        NetworkJson.RequireModestMemory(network);
        var weights = new StateDict(network.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, read.Weights[parameter.Name])));
        return new Model(network, weights, embedding, metadata);
    }

    private string Embedding(List<Layer> layers, OnnxMap output, string? named)
    {
        if ((_options.EmbeddingLayer ?? named) is { } wanted)
        {
            string? found = layers.Any(layer => layer.Name == wanted) ? wanted
                : _values.GetValueOrDefault(wanted) is OnnxMap { Source: not Network.InputName } value ? value.Source
                : _model.Graph.Node.FirstOrDefault(node => node.Name == wanted) is { } proto && _values.GetValueOrDefault(proto.Output[0]) is OnnxMap { Source: not Network.InputName } made ? made.Source
                : null;
            return found ?? throw new FormatException($"the embedding layer is to be '{wanted}', which is no layer, node or value; the last layers are {string.Join(", ", layers.TakeLast(5).Select(layer => layer.Name))}");
        }

        Dictionary<string, Layer> byName = layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        HashSet<string> onTheWay = [];
        var open = new Stack<string>([output.Source]);
        while (open.TryPop(out string? name))
        {
            if (onTheWay.Add(name) && byName.TryGetValue(name, out Layer? layer))
            {
                foreach (string source in layer.Inputs)
                {
                    open.Push(source);
                }
            }
        }

        if (layers.FindLast(layer => _linear.Contains(layer.Name) && onTheWay.Contains(layer.Name)) is { } linear)
        {
            return linear.Inputs[0] != Network.InputName ? linear.Inputs[0] : output.Source;
        }

        // SqueezeNet's end: a convolution of one pixel makes a map of each class, and its mean is the class's score.
        Layer? at = byName[output.Source];
        bool averaged = false;
        while (at is Softmax or Sigmoid or Relu or LeakyRelu or Models.Clip or Dropout or GlobalAveragePool2d)
        {
            averaged |= at is GlobalAveragePool2d;
            at = byName.GetValueOrDefault(at.Inputs[0]);
        }

        if (!averaged || at is not Conv2d { KernelSize: { Height: 1, Width: 1 } } || !byName.TryGetValue(at.Inputs[0], out Layer? maps) || byName.ContainsKey(MeansName))
        {
            return output.Source;
        }

        layers.Insert(layers.IndexOf(maps) + 1, new GlobalAveragePool2d(MeansName) { Inputs = [maps.Name] });
        return MeansName;
    }
}
