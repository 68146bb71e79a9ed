using Google.Protobuf;
using SimNet.Models;
using static SimNet.Models.TensorProto.Types;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>Builds small ONNX files, node by node, with seeded random weights.</summary>
internal sealed class OnnxGraph
{
    /// <summary>The name of the input.</summary>
    public const string Input = "x";

    private readonly ModelProto _model = new() { IrVersion = 8, Graph = new GraphProto { Name = "graph" } };
    private readonly Random _random = new(1);
    private int _names;

    /// <summary>Starts a graph.</summary>
    /// <param name="operatorSet">The operator set version.</param>
    /// <param name="dimensions">The dimensions of the input; 0 for a free one.</param>
    /// <param name="type">The type of the input.</param>
    public OnnxGraph(int operatorSet, long[] dimensions, DataType type = DataType.Float)
    {
        _model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = operatorSet });
        _model.Graph.Input.Add(ValueOf(Input, type, dimensions));
    }

    /// <summary>Adds a node and returns the name of its output, which is that of the node with a suffix.</summary>
    public string Node(string operation, string[] inputs, params (string Name, object Value)[] attributes) =>
        Nodes(operation, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    public string[] Nodes(string operation, string[] inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        string name = $"{operation}_{_names++}";
        string[] results = [.. Enumerable.Range(0, outputs).Select(i => $"{name}_output_{i}")];
        var node = new NodeProto { Name = name, OpType = operation, Input = { inputs }, Output = { results } };
        foreach ((string key, object value) in attributes)
        {
            node.Attribute.Add(value switch
            {
                long integer => new AttributeProto { Name = key, Type = AttributeProto.Types.AttributeType.Int, I = integer },
                int integer => new AttributeProto { Name = key, Type = AttributeProto.Types.AttributeType.Int, I = integer },
                float number => new AttributeProto { Name = key, Type = AttributeProto.Types.AttributeType.Float, F = number },
                long[] integers => new AttributeProto
                {
                    Name = key,
                    Type = AttributeProto.Types.AttributeType.Ints,
                    Ints = { integers },
                },
                _ => throw new ArgumentException($"An attribute of type {value.GetType()}.", nameof(attributes)),
            });
        }

        _model.Graph.Node.Add(node);
        return results;
    }

    /// <summary>Adds a tensor of random numbers from -0.5 to 0.5.</summary>
    public string Random(params long[] dimensions) =>
        Numbers(dimensions, [.. Enumerable.Range(0, Count(dimensions)).Select(_ => _random.NextSingle() - 0.5f)]);

    /// <summary>Adds a tensor of random numbers of double precision.</summary>
    public string Doubles(params long[] dimensions)
    {
        var tensor = new TensorProto { Name = $"tensor_{_names++}", DataType = (int)DataType.Double, Dims = { dimensions } };
        tensor.DoubleData.Add(Enumerable.Range(0, Count(dimensions)).Select(_ => _random.NextDouble() - 0.5));
        return Add(tensor);
    }

    /// <summary>Adds a tensor of one number without dimensions.</summary>
    public string Number(float value) => Numbers([], [value]);

    public string Numbers(long[] dimensions, float[] values)
    {
        var tensor = new TensorProto { Name = $"tensor_{_names++}", DataType = (int)DataType.Float, Dims = { dimensions } };
        tensor.FloatData.Add(values);
        return Add(tensor);
    }

    /// <summary>Adds a vector of integers.</summary>
    public string Integers(params long[] values)
    {
        var tensor = new TensorProto { Name = $"tensor_{_names++}", DataType = (int)DataType.Int64, Dims = { values.Length } };
        tensor.Int64Data.Add(values);
        return Add(tensor);
    }

    /// <summary>Adds one integer without dimensions.</summary>
    public string Integer(long value) =>
        Add(new TensorProto { Name = $"tensor_{_names++}", DataType = (int)DataType.Int64, Int64Data = { value } });

    public string Add(TensorProto tensor)
    {
        _model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Returns the file with these outputs.</summary>
    public byte[] ToFile(DataType type, params string[] outputs)
    {
        _model.Graph.Output.Clear();
        _model.Graph.Output.Add(outputs.Select(name => ValueOf(name, type, null)));
        return _model.ToByteArray();
    }

    /// <summary>Returns the file with these outputs, of float32.</summary>
    public byte[] ToFile(params string[] outputs) => ToFile(DataType.Float, outputs);

    private static int Count(long[] dimensions) => (int)dimensions.Aggregate(1L, (a, b) => a * b);

    private static ValueInfoProto ValueOf(string name, DataType type, long[]? dimensions)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (dimensions is not null)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.Add(dimensions.Select((size, i) => size > 0
                ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = $"d{i}" }));
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
