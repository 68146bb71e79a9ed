using SimNet.Compute;
using SimNet.Models;
using DataType = SimNet.Models.TensorProto.Types.DataType;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>
/// Files whose input is not float32 with a batch and fixed sizes: what the library says of them, and that ONNX Runtime runs them.
/// </summary>
public sealed class InputTypeTests : IDisposable
{
    private const string X = OnnxGraph.Input;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Float16", 1e-2)]
    [InlineData("Double", 1e-5)]
    [InlineData("Uint8", 1e-5)]
    public void A_type_other_than_float32_is_converted(string name, double tolerance)
    {
        DataType type = Enum.Parse<DataType>(name), output = type == DataType.Uint8 ? DataType.Float : type;
        string path = Write(type, output, [0, 3, 6, 5], graph =>
        {
            string numbers = type == DataType.Uint8 ? graph.Node("Cast", [X], ("to", (int)DataType.Float)) : X;
            return graph.Node("ReduceMean", [numbers], ("axes", (long[])[2, 3]), ("keepdims", 0));
        });
        float[] input = [.. Enumerable.Range(0, 4 * 90).Select(i => (i % 16) + 0.25f)];
        using IInferenceSession session = Open(path);
        float[] found = new float[4 * 3];
        session.Run(input, 4, [found]);

        // Bytes are rounded.
        float offset = type == DataType.Uint8 ? 0.25f : 0;
        Assert.Equal(new Shape(3, 6, 5), session.InputShape);
        Assert.Equal([new Shape(3, 1, 1)], session.OutputShapes);
        Assert.All(
            input.Chunk(30).Zip(found), pair => Assert.Equal(pair.First.Average() - offset, pair.Second, (float)tolerance));
        RequireAdvice(path, $"input 'x' has data type {name}");
    }

    [Fact]
    public void Values_beyond_a_byte_are_clamped()
    {
        string path = Write(DataType.Uint8, DataType.Float, [0, 1, 1, 4], graph => graph.Node("Cast", [X], ("to", (int)DataType.Float)));
        using IInferenceSession session = Open(path);
        float[] found = new float[4];

        session.Run(new float[] { -7, 254.6f, 1e9f, float.NaN }, 1, [found]);

        Assert.Equal([0, 255, 255, 0], found);
    }

    [Fact]
    public void A_convolution_of_double_precision_runs()
    {
        string path = Write(DataType.Double, DataType.Double, [0, 3, 8, 8], graph =>
            graph.Node("Conv", [X, graph.Doubles(4, 3, 3, 3)]));
        using IInferenceSession session = Open(path);
        float[] found = new float[2 * 4 * 6 * 6];

        session.Run(RandomNetworks.Samples(session.InputShape, 2, 1), 2, [found]);

        Assert.Contains(found, value => value != 0);
        RequireAdvice(path, "input 'x' has data type Double");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_input_without_a_batch_runs_one_sample_at_a_time(bool outputHasBatch)
    {
        string path = Write(DataType.Float, DataType.Float, [3, 4, 5], graph =>
        {
            string mean = graph.Node("ReduceMean", [X], ("axes", (long[])[1, 2]), ("keepdims", 0));
            return outputHasBatch ? graph.Node("Unsqueeze", [mean, graph.Integers(0)]) : mean;
        });
        using IInferenceSession session = Open(path);
        float[] input = RandomNetworks.Samples(session.InputShape, 3, 2), found = new float[9];

        session.Run(input, 3, [found]);

        Assert.Equal((new Shape(3, 4, 5), new Shape(3, 1, 1)), (session.InputShape, session.OutputShapes[0]));
        Assert.All(input.Chunk(20).Zip(found), pair => Assert.Equal(pair.First.Average(), pair.Second, 1e-5f));
        RequireAdvice(path, "3 dimensions");
    }

    [Fact]
    public void Free_height_and_width_need_an_input_shape()
    {
        string path = Write(DataType.Float, DataType.Float, [0, 3, 0, 0], graph =>
            graph.Node("GlobalAveragePool", [graph.Node("Conv", [X, graph.Random(4, 3, 3, 3)])]), "Conv_1_output_0");
        var shape = new Shape(3, 9, 7);
        using IInferenceSession session = Open(path, inputShape: shape);
        Assert.Equal(shape, session.InputShape);
        Assert.Equal([new Shape(4, 1, 1), new Shape(4, 7, 5)], session.OutputShapes);

        Model model = OnnxFile.Read(path, new OnnxImportOptions { InputShape = shape });
        using IInferenceSession managed =
            new ManagedBackend().CreateInferenceSession(model.Network, model.Weights, [model.Network.Layers[^1].Name]);
        float[] input = RandomNetworks.Samples(shape, 3, 2), expected = new float[12], found = new float[12];
        managed.Run(input, 3, [expected]);
        session.Run(input, 3, [found, new float[3 * 4 * 7 * 5]]);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        Assert.Contains("'inputShape'", Assert.Throws<ModelFormatException>(() => Open(path)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "4 x 9 x 7",
            Assert.Throws<ModelFormatException>(() => Open(path, inputShape: new Shape(4, 9, 7))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_of_integers_is_refused_by_name()
    {
        string path = Write(DataType.Int64, DataType.Int64, [0, 3, 8, 8], graph => graph.Node("Identity", [X]));

        Assert.Contains(
            "'x' is a tensor of type Int64", Assert.Throws<ModelFormatException>(() => Open(path)).Message, StringComparison.Ordinal);
        string problem = Assert.Throws<ModelFormatException>(() => OnnxFile.Read(path)).Message;
        Assert.Contains("input 'x' has data type Int64", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("OnnxRuntime", problem, StringComparison.Ordinal);
    }

    private static IInferenceSession Open(string path, Shape? inputShape = null) =>
        new OnnxRuntimeBackend(new OnnxRuntimeBackendOptions { Device = ComputeDevice.Cpu })
            .OpenInferenceSession(path, inputShape: inputShape);

    /// <summary>Requires that importing a file fails with a problem and says what runs it.</summary>
    private static void RequireAdvice(string path, string problem)
    {
        string message = Assert.Throws<ModelFormatException>(() => OnnxFile.Read(path)).Message;
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.Contains("OnnxRuntimeBackend.OpenInferenceSession of SimNet.OnnxRuntime", message, StringComparison.Ordinal);
    }

    private string Write(DataType input, DataType output, long[] dimensions, Func<OnnxGraph, string> build, params string[] more)
    {
        var graph = new OnnxGraph(17, dimensions, input);
        string path = _folder["model.onnx"];
        string first = build(graph);
        File.WriteAllBytes(path, graph.ToFile(output, [first, .. more]));
        return path;
    }
}
