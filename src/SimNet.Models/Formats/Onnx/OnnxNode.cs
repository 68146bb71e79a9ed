namespace SimNet.Models;

/// <summary>A node's inputs, and its attributes, each taken once; what is left over at the end is refused by name.</summary>
internal sealed class OnnxNode
{
    private const string WeightSuffix = ".weight";

    private readonly Dictionary<string, AttributeProto> _left = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">An attribute stands twice.</exception>
    public OnnxNode(NodeProto node, int index, int operatorSet, IReadOnlyList<OnnxValue?> inputs)
    {
        Proto = node;
        Inputs = inputs;
        OperatorSet = operatorSet;
        Operation = node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}";
        Place = node.Name.Length > 0 ? $"node '{node.Name}' ({Operation})" : $"node {index} ({Operation})";
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (!_left.TryAdd(attribute.Name, attribute))
            {
                throw Problem($"attribute '{attribute.Name}' stands twice");
            }
        }
    }

    public NodeProto Proto { get; }

    /// <summary>Its inputs' values; null where one is left out.</summary>
    public IReadOnlyList<OnnxValue?> Inputs { get; }

    /// <summary>Whether its output is known as the file is read, but for the batch's size.</summary>
    public bool IsConstant => Operation is "Constant" or "Shape" || (Inputs.Count > 0 && Inputs.All(input => input is null or OnnxConstant));

    /// <summary>The operator, with its domain where that is not the standard's.</summary>
    public string Operation { get; }

    /// <summary>Version of the operator set by which it is understood.</summary>
    public int OperatorSet { get; }

    /// <summary>The node as messages name it.</summary>
    public string Place { get; }

    public FormatException Problem(string problem) => new($"{Place}: {problem}");

    /// <summary>What is sound ONNX and yet no network of layers: another runtime has it.</summary>
    public FormatException Unsupported(string what) => new($"{Place}: {what} is not supported by the managed engine; SimNet.OnnxRuntime runs it");

    /// <summary>An input that a layer makes.</summary>
    public OnnxMap Map(int input, bool needsFour = false) => (input < Inputs.Count ? Inputs[input] : null) switch
    {
        OnnxMap map => map.IsFlat && needsFour ? throw Unsupported("a value of two dimensions") : map,
        OnnxConstant => throw Unsupported($"a constant as input {input}"),
        _ => throw Problem($"no input {input}"),
    };

    /// <summary>An input that must be constant, or null where it is left out.</summary>
    public OnnxConstant? Optional(int input) => (input < Inputs.Count ? Inputs[input] : null) switch
    {
        null => null,
        OnnxConstant constant => constant,
        _ => throw Unsupported($"an input {input} that is not constant"),
    };

    public OnnxConstant Required(int input) => Optional(input) ?? throw Problem($"no input {input}");

    public float[] Numbers(OnnxConstant constant) => constant.Numbers ?? throw Problem("whole numbers where floating-point ones are expected");

    public long[] Integers(OnnxConstant constant) => constant.Integers ?? throw Problem("floating-point numbers where whole ones are expected");

    public float Single(OnnxConstant constant) => Numbers(constant) is [float number] ? number : throw Problem($"{constant.Count} numbers where one is expected");

    /// <summary>The axes as an attribute, or since later versions as an input; null for all.</summary>
    public long[]? Axes() => Integers("axes") ?? (Optional(1) is { } axes ? Integers(axes) : null);

    /// <summary>What its layer is called. PyTorch's names of layers come with their weights; elsewhere the node's name is the best that there is.</summary>
    public string NameOf(string? tensorName = null) => tensorName is not null && NamesLayer(tensorName) ? tensorName[..^WeightSuffix.Length]
        : Proto.Name.Length > 0 ? Proto.Name
        : Proto.Output[0];

    /// <summary>Whether a tensor's name is a layer's with <c>.weight</c>.</summary>
    public static bool NamesLayer(string tensorName) => tensorName.Length > WeightSuffix.Length && tensorName.EndsWith(WeightSuffix, StringComparison.Ordinal);

    public bool Has(string name) => _left.ContainsKey(name);

    public long Integer(string name, long absent) => Take(name, AttributeProto.Types.AttributeType.Int)?.I ?? absent;

    public float Number(string name, float absent) => Take(name, AttributeProto.Types.AttributeType.Float)?.F ?? absent;

    public string Text(string name, string absent) => Take(name, AttributeProto.Types.AttributeType.String)?.S.ToStringUtf8() ?? absent;

    public long[]? Integers(string name) => Take(name, AttributeProto.Types.AttributeType.Ints) is { } attribute ? [.. attribute.Ints] : null;

    public float[]? Numbers(string name) => Take(name, AttributeProto.Types.AttributeType.Floats) is { } attribute ? [.. attribute.Floats] : null;

    public TensorProto? Tensor(string name) => Take(name, AttributeProto.Types.AttributeType.Tensor)?.T;

    /// <summary>Height and width.</summary>
    public Size2d Size(string name, Size2d absent) => Integers(name) switch
    {
        null => absent,
        [long height, long width] => new Size2d(Int32(name, height), Int32(name, width)),
        long[] other => throw Unsupported($"'{name}' of {other.Length} numbers"),
    };

    public int Int32(string name, long value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Problem($"'{name}' is {value}");

    /// <summary>An axis counted from the first, where the graph may count from the last.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw Problem($"axis {axis} of a value of {rank} dimensions");

    public void Finish()
    {
        if (_left.Count > 0)
        {
            throw Unsupported($"attribute '{_left.Keys.First()}'");
        }
    }

    private AttributeProto? Take(string name, AttributeProto.Types.AttributeType type)
    {
        if (!_left.Remove(name, out AttributeProto? attribute))
        {
            return null;
        }

        // Old files say no type; then the value must be there.
        bool fits = attribute.HasType && attribute.Type != AttributeProto.Types.AttributeType.Undefined ? attribute.Type == type : type switch
        {
            AttributeProto.Types.AttributeType.Float => attribute.HasF,
            AttributeProto.Types.AttributeType.Int => attribute.HasI,
            AttributeProto.Types.AttributeType.String => attribute.HasS,
            AttributeProto.Types.AttributeType.Tensor => attribute.T is not null,
            AttributeProto.Types.AttributeType.Floats => attribute.Floats.Count > 0,
            _ => attribute.Ints.Count > 0,
        };
        return fits ? attribute : throw Problem($"attribute '{name}' is of another type than {type}");
    }
}
