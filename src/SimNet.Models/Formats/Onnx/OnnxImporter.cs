using System.Globalization;

namespace SimNet.Models;

/// <summary>
/// Imports an ONNX graph as a network. The standard requires nodes in topological order, so one pass reads them, and a cycle shows up as a
/// missing value. Nodes that no output depends on are ignored.
/// </summary>
internal sealed class OnnxImporter
{
    private const int OldestOperatorSet = 7, NewestOperatorSet = 24;

    /// <summary>
    /// The number of values that may be copied in any file. A larger file allows as many as it has bytes, so each float32 four times.
    /// </summary>
    private const long MinimumBudget = 1 << 22;

    /// <summary>The name of the embedding layer that is inserted if a network ends like SqueezeNet.</summary>
    private const string InsertedEmbeddingName = SqueezeNet.EmbeddingLayer;

    private readonly ModelProto _model;
    private readonly OnnxImportOptions _options;
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _consumers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _linear = new(StringComparer.Ordinal);

    private OnnxImporter(ModelProto model, OnnxImportOptions options)
    {
        _model = model;
        _options = options;
    }

    /// <param name="model">The file.</param>
    /// <param name="options">The import options.</param>
    /// <param name="embeddingLayer">The embedding layer according to the file; null for none.</param>
    /// <param name="metadata">The metadata of the model.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="FormatException">The graph is damaged or not supported.</exception>
    /// <exception cref="ArgumentException">The settings, the shapes, or the weights of a layer do not match.</exception>
    /// <exception cref="OverflowException">A size overflows.</exception>
    public static Model Read(
        ModelProto model,
        OnnxImportOptions options,
        string? embeddingLayer,
        IReadOnlyDictionary<string, string> metadata,
        CancellationToken cancellationToken) =>
        new OnnxImporter(model, options).Read(embeddingLayer, metadata, cancellationToken);

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

        // Old files also list the initializers as inputs.
        ValueInfoProto[] inputs = [.. graph.Input.Where(input => !_tensors.ContainsKey(input.Name))];
        ValueInfoProto input = inputs.Length == 1 ? inputs[0]
            : throw new FormatException(
                $"the graph has {inputs.Length} inputs ({string.Join(", ", inputs.Take(5).Select(value => value.Name))}); expected one");
        var layers = new OnnxNetworkBuilder(InputShape(input), FixedBatch(input), MinimumBudget + _model.CalculateSize());
        _values.Add(input.Name, layers.Input);
        string? named = _options.EmbeddingLayer ?? embeddingLayer;
        bool[] needed = Needed(graph, ValueNamed(graph, named));
        HashSet<string> outputs = [.. graph.Output.Select(output => output.Name)];
        var layouts = new OnnxLayoutImporter(layers, name => outputs.Contains(name) && _consumers.GetValueOrDefault(name) == 1);
        var operators = new OnnxOperatorImporter(layers, layouts, name => _consumers.GetValueOrDefault(name));
        for (int i = 0; i < graph.Node.Count; i++)
        {
            if (needed[i])
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadNode(graph.Node[i], i, operatorSet, operators);
            }
        }

        string first = graph.Output[0].Name;
        OnnxFeatureMap output = Layer(layouts, first)
            ?? throw new FormatException($"output '{first}' does not depend on the input");
        OnnxFeatureMap? embedding = ValueNamed(graph, named) is { } value ? Layer(layouts, value) : null;
        return Build(layers, output, named, embedding, metadata);
    }

    /// <summary>
    /// Finds the value of the graph that a name is of, or that of the first output of a node; null for none. Values go before nodes, and
    /// both go before layers, which have the names of tensors.
    /// </summary>
    private static string? ValueNamed(GraphProto graph, string? name) =>
        name is null ? null
        : graph.Node.Any(node => node.Output.Contains(name)) ? name
        : graph.Node.FirstOrDefault(node => node.Name == name) is { Output: [{ Length: > 0 } output, ..] } ? output
        : null;

    /// <summary>Returns the layer that computes a value, in the order of the graph; null for a constant.</summary>
    private OnnxFeatureMap? Layer(OnnxLayoutImporter layouts, string name) => Value(name) switch
    {
        OnnxFeatureMap map => layouts.InOrder(map) ?? throw new FormatException(
            $"value '{name}' is the transposed output of layer '{map.Source}', and no layer transposes; name that layer instead"),
        OnnxIntermediate part => throw new FormatException(
            $"value '{name}' is {part.Description}, which is part of an operation and no layer by itself"),
        _ => null,
    };

    private int OperatorSet()
    {
        if (_model.Graph is null)
        {
            throw new FormatException("there is no graph");
        }

        OperatorSetIdProto? standard = _model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx");
        return standard is { Version: >= OldestOperatorSet and <= NewestOperatorSet } ? (int)standard.Version
            : throw new FormatException(
                $"the operator set version is {standard?.Version.ToString(CultureInfo.InvariantCulture) ?? "missing"}; "
                + $"{OldestOperatorSet} to {NewestOperatorSet} are supported; export the model with one of these");
    }

    private Shape InputShape(ValueInfoProto input)
    {
        TypeProto.Types.Tensor? type = input.Type?.TensorType;
        int rank = type?.Shape?.Dim.Count ?? 0;
        var data = (TensorProto.Types.DataType)(type?.ElemType ?? 0);
        if (data != TensorProto.Types.DataType.Float || rank != 4)
        {
            bool runs = rank is 3 or 4 && data is TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Float16
                or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Uint8;
            throw new FormatException(
                $"input '{input.Name}' has data type {data} and {rank} dimensions; "
                + "expected Float and batch x channels x height x width"
                + (runs ? $". To run the file as it is, {OnnxNode.RuntimeAdvice}" : ""));
        }

        long[] sizes =
        [
            .. type!.Shape.Dim.Skip(1)
                .Select(dimension => dimension.HasDimValue && dimension.DimValue > 0 ? dimension.DimValue : 0),
        ];
        if (_options.InputShape is { } wanted)
        {
            long[] requested = [wanted.Channels, wanted.Height, wanted.Width];
            return sizes.Zip(requested).All(pair => (pair.First == 0 || pair.First == pair.Second) && pair.Second > 0)
                ? wanted
                : throw new FormatException(
                    $"input '{input.Name}' is {string.Join(" x ", sizes.Select(size => size == 0 ? "?" : $"{size}"))}, "
                    + $"but {nameof(OnnxImportOptions.InputShape)} is {string.Join(" x ", requested)} (channels, height, width)");
        }

        return sizes.All(size => size is >= 1 and <= int.MaxValue)
            ? new Shape((int)sizes[0], (int)sizes[1], (int)sizes[2])
            : throw new FormatException(
                $"input '{input.Name}' does not fix channels, height, and width; "
                + $"set {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.InputShape)}");
    }

    /// <summary>The size of the first dimension of the input; 0 if it is not fixed.</summary>
    private static int FixedBatch(ValueInfoProto input) =>
        input.Type.TensorType.Shape.Dim[0] is { HasDimValue: true, DimValue: > 0 and <= int.MaxValue and var size } ? (int)size : 0;

    /// <summary>Finds the nodes that an output or a named value depends on, and counts the consumers of each value.</summary>
    private bool[] Needed(GraphProto graph, string? named)
    {
        if (graph.Output.Count == 0)
        {
            throw new FormatException("the graph has no output");
        }

        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output)
            {
                if (output.Length > 0 && (!producers.TryAdd(output, i) || _tensors.ContainsKey(output) || _values.ContainsKey(output)))
                {
                    throw new FormatException($"two values are named '{output}'");
                }
            }
        }

        bool[] needed = new bool[graph.Node.Count];
        var open = new Stack<string>(graph.Output.Select(output => output.Name));
        if (named is not null)
        {
            // Counted as a consumer, so that no layer after it is merged into the one that computes it.
            open.Push(named);
        }

        while (open.TryPop(out string? name))
        {
            _consumers[name] = _consumers.GetValueOrDefault(name) + 1;
            if (producers.TryGetValue(name, out int maker) && !needed[maker])
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

    private void ReadNode(NodeProto proto, int index, int operatorSet, OnnxOperatorImporter operators)
    {
        if (proto.Output.Count == 0 || proto.Output[0].Length == 0)
        {
            throw new FormatException($"node '{proto.Name}' ({proto.OpType}) does not name its first output");
        }

        OnnxValue?[] inputs = [.. proto.Input.Select(name => name.Length == 0 ? null : InputOf(proto, index, name)
            ?? throw new FormatException(
                $"node '{proto.Name}' ({proto.OpType}) has input '{name}', which is not an earlier node, a tensor, or an input"))];
        var node = new OnnxNode(proto, index, operatorSet, inputs);
        try
        {
            OnnxValue[] values = operators.Read(node);
            for (int i = 0; i < values.Length; i++)
            {
                if (proto.Output[i].Length > 0)
                {
                    _values.Add(proto.Output[i], values[i]);
                }
            }

            if (values is [OnnxFeatureMap { IsVector: true } map] && proto.OpType is "Gemm" or "MatMul")
            {
                _linear.Add(map.Source);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new FormatException($"{node.Location}: {exception.Message}", exception);
        }
    }

    /// <summary>Gets an input of a node, which messages about it name.</summary>
    private OnnxValue? InputOf(NodeProto node, int index, string name)
    {
        try
        {
            return Value(name);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{OnnxNode.LocationOf(node, index)}: {exception.Message}", exception);
        }
    }

    /// <summary>Gets a value by name; reads a tensor on first use.</summary>
    private OnnxValue? Value(string name)
    {
        if (!_values.TryGetValue(name, out OnnxValue? value) && _tensors.TryGetValue(name, out TensorProto? tensor))
        {
            value = OnnxTensor.Read(tensor);
            _values.Add(name, value);
        }

        return value;
    }

    private Model Build(
        OnnxNetworkBuilder read,
        OnnxFeatureMap output,
        string? named,
        OnnxFeatureMap? namedMap,
        IReadOnlyDictionary<string, string> metadata)
    {
        if (output.Source == Network.InputName)
        {
            throw new FormatException("the output is the input; there are no layers");
        }

        var layers = read.Layers.ToList();
        string embedding = named is null ? Embedding(layers, output)
            : namedMap is { Source: not Network.InputName } ? namedMap.Source
            : layers.Any(layer => layer.Name == named) ? named
            : throw new FormatException(
                $"the embedding layer '{named}' is not a layer, a node, or a value; "
                + $"the last layers are {string.Join(", ", layers.TakeLast(5).Select(layer => layer.Name))}");
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Layer layer in layers)
        {
            indexes.Add(layer.Name, indexes.Count);
        }

        // The network consists of the layers that the first output and the embedding depend on, and ends with the first output.
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
            // The preceding layer is the default input.
            if (ordered[i].Inputs is [string only] && only == (i == 0 ? Network.InputName : ordered[i - 1].Name))
            {
                ordered[i] = ordered[i] with { Inputs = [] };
            }
        }

        var network = new Network(string.IsNullOrWhiteSpace(_model.Graph.Name) ? "onnx" : _model.Graph.Name, read.Input.Shape, ordered);
        NetworkJson.RequireMemoryWithinLimit(network);
        var weights = new StateDict(
            network.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, read.Weights[parameter.Name])));
        return new Model(network, weights, embedding, metadata);
    }

    private string Embedding(List<Layer> layers, OnnxFeatureMap output)
    {
        Dictionary<string, Layer> byName = layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        HashSet<string> reachable = [];
        var open = new Stack<string>([output.Source]);
        while (open.TryPop(out string? name))
        {
            if (reachable.Add(name) && byName.TryGetValue(name, out Layer? layer))
            {
                // The fully connected layers of a gate do not compute the embedding.
                foreach (string source in layer is Multiply ? layer.Inputs.Take(1) : layer.Inputs)
                {
                    open.Push(source);
                }
            }
        }

        if (layers.FindLast(layer => _linear.Contains(layer.Name) && reachable.Contains(layer.Name)) is { } linear)
        {
            return linear.Inputs[0] != Network.InputName ? linear.Inputs[0] : output.Source;
        }

        // SqueezeNet ends with a 1x1 convolution to one feature map per class, whose mean is the score of the class.
        Layer? at = byName[output.Source];
        bool averaged = false;
        while (at is Softmax or Sigmoid or Relu or LeakyRelu or Models.Clip or Dropout or GlobalAveragePool2d)
        {
            averaged |= at is GlobalAveragePool2d;
            at = byName.GetValueOrDefault(at.Inputs[0]);
        }

        if (!averaged
            || at is not Conv2d { KernelSize: { Height: 1, Width: 1 } }
            || !byName.TryGetValue(at.Inputs[0], out Layer? maps)
            || byName.ContainsKey(InsertedEmbeddingName))
        {
            return output.Source;
        }

        layers.Insert(layers.IndexOf(maps) + 1, new GlobalAveragePool2d(InsertedEmbeddingName) { Inputs = [maps.Name] });
        return InsertedEmbeddingName;
    }
}
