namespace SimNet.Models;

/// <summary>A node with its inputs and attributes. Attributes are read once; those that remain at the end are an error.</summary>
internal sealed class OnnxNode
{
    /// <summary>How to run a file that cannot be imported.</summary>
    public const string RuntimeAdvice = "open it with OnnxRuntimeBackend.OpenInferenceSession of SimNet.OnnxRuntime";

    private const string WeightSuffix = ".weight";

    private readonly Dictionary<string, AttributeProto> _left = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">An attribute occurs twice.</exception>
    public OnnxNode(NodeProto node, int index, int operatorSet, IReadOnlyList<OnnxValue?> inputs)
    {
        Proto = node;
        Inputs = inputs;
        OperatorSet = operatorSet;
        Operation = OperationOf(node);
        Location = LocationOf(node, index);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (!_left.TryAdd(attribute.Name, attribute))
            {
                throw Problem($"attribute '{attribute.Name}' occurs twice");
            }
        }
    }

    public NodeProto Proto { get; }

    /// <summary>The inputs; null for an omitted one.</summary>
    public IReadOnlyList<OnnxValue?> Inputs { get; }

    /// <summary>Whether the output is known during import, except for the batch size.</summary>
    public bool IsConstant =>
        Operation is "Constant" or "Shape" || (Inputs.Count > 0 && Inputs.All(input => input is null or OnnxConstant));

    /// <summary>The operator, with its domain unless that is the default one.</summary>
    public string Operation { get; }

    /// <summary>The version of the operator set.</summary>
    public int OperatorSet { get; }

    /// <summary>The name of the node in messages.</summary>
    public string Location { get; }

    /// <summary>The name of a node in messages.</summary>
    public static string LocationOf(NodeProto node, int index) =>
        node.Name.Length > 0 ? $"node '{node.Name}' ({OperationOf(node)})" : $"node {index} ({OperationOf(node)})";

    public FormatException Problem(string problem) => new($"{Location}: {problem}");

    /// <summary>Creates the exception for valid ONNX that layers cannot express.</summary>
    public FormatException Unsupported(string what) => new(
        $"{Location}: {what} is not supported as a layer; " + (Proto.Domain is "" or "ai.onnx" or "com.microsoft"
            ? $"to run the file as it is, {RuntimeAdvice}"
            : "export the model with the operators of the standard"));

    /// <summary>Gets an input that is a feature map.</summary>
    public OnnxFeatureMap Map(int input) => (input < Inputs.Count ? Inputs[input] : null) switch
    {
        OnnxFeatureMap map => map,
        OnnxConstant => throw Unsupported($"a constant as input {input}"),
        OnnxIntermediate part => throw Unsupported($"{part.Description} as input {input}"),
        _ => throw Problem($"input {input} is missing"),
    };

    /// <summary>Gets an input that must be constant; null if it is omitted.</summary>
    public OnnxConstant? Optional(int input) => (input < Inputs.Count ? Inputs[input] : null) switch
    {
        null => null,
        OnnxConstant constant => constant,
        _ => throw Unsupported($"a value that depends on the image as input {input}"),
    };

    public OnnxConstant Required(int input) => Optional(input) ?? throw Problem($"input {input} is missing");

    public float[] Numbers(OnnxConstant constant) => constant.Numbers ?? throw Problem("expected floating-point numbers; got integers");

    public long[] Integers(OnnxConstant constant) => constant.Integers ?? throw Problem("expected integers; got floating-point numbers");

    public float Single(OnnxConstant constant) =>
        Numbers(constant) is [float number] ? number : throw Problem($"expected one number; got {constant.Count}");

    /// <summary>Gets an input that is one number, as a floating-point number or an integer; null if it is not.</summary>
    public float? NumberAt(int input) => (input < Inputs.Count ? Inputs[input] : null) switch
    {
        OnnxConstant { Numbers: [float number] } => number,
        OnnxConstant { Integers: [long integer] } when integer != OnnxConstant.Batch => integer,
        _ => null,
    };

    /// <summary>Gets the axes, which are an attribute or, in newer operator sets, an input; null for all axes.</summary>
    public long[]? Axes() => Integers("axes") ?? (Optional(1) is { } axes ? Integers(axes) : null);

    /// <summary>
    /// Gets the name for the layer: the prefix of the weight tensor, as in PyTorch, or the name of the node or its output.
    /// </summary>
    public string LayerName(string? tensorName = null) =>
        tensorName is not null && IsWeightName(tensorName) ? tensorName[..^WeightSuffix.Length]
        : Proto.Name.Length > 0 ? Proto.Name
        : Proto.Output[0];

    /// <summary>Determines whether a tensor has the name of a layer with the suffix <c>.weight</c>.</summary>
    public static bool IsWeightName(string tensorName) =>
        tensorName.Length > WeightSuffix.Length && tensorName.EndsWith(WeightSuffix, StringComparison.Ordinal);

    public bool Has(string name) => _left.ContainsKey(name);

    public long Integer(string name, long absent) => Take(name, AttributeProto.Types.AttributeType.Int)?.I ?? absent;

    public float Number(string name, float absent) => Take(name, AttributeProto.Types.AttributeType.Float)?.F ?? absent;

    public string Text(string name, string absent) => Take(name, AttributeProto.Types.AttributeType.String)?.S.ToStringUtf8() ?? absent;

    public long[]? Integers(string name) =>
        Take(name, AttributeProto.Types.AttributeType.Ints) is { } attribute ? [.. attribute.Ints] : null;

    public float[]? Numbers(string name) =>
        Take(name, AttributeProto.Types.AttributeType.Floats) is { } attribute ? [.. attribute.Floats] : null;

    public TensorProto? Tensor(string name) => Take(name, AttributeProto.Types.AttributeType.Tensor)?.T;

    /// <summary>Gets a height and a width.</summary>
    public Size2d Size(string name, Size2d absent) => Integers(name) switch
    {
        null => absent,
        [long height, long width] => new Size2d(Int32(name, height), Int32(name, width)),
        long[] other => throw Unsupported($"'{name}' with {other.Length} numbers"),
    };

    public int Int32(string name, long value) =>
        value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Problem($"'{name}' is {value}; expected a 32-bit integer");

    /// <summary>Converts an axis, which can be negative to count from the end, to an index.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Problem($"axis {axis} is out of range for {rank} dimensions");

    public void Finish()
    {
        if (_left.Count > 0)
        {
            throw Unsupported($"attribute '{_left.Keys.First()}'");
        }
    }

    private static string OperationOf(NodeProto node) => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}";

    private AttributeProto? Take(string name, AttributeProto.Types.AttributeType type)
    {
        if (!_left.Remove(name, out AttributeProto? attribute))
        {
            return null;
        }

        // Old files omit the type; then a value must be present.
        bool hasType = attribute.HasType && attribute.Type != AttributeProto.Types.AttributeType.Undefined;
        bool fits = hasType ? attribute.Type == type : type switch
        {
            AttributeProto.Types.AttributeType.Float => attribute.HasF,
            AttributeProto.Types.AttributeType.Int => attribute.HasI,
            AttributeProto.Types.AttributeType.String => attribute.HasS,
            AttributeProto.Types.AttributeType.Tensor => attribute.T is not null,
            AttributeProto.Types.AttributeType.Floats => attribute.Floats.Count > 0,
            _ => attribute.Ints.Count > 0,
        };
        return fits ? attribute : throw Problem($"attribute '{name}' is not of type {type}");
    }
}
