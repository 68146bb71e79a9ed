using Microsoft.ML.OnnxRuntime;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>
/// Files as exporters write them, imported and run by the managed back end, against ONNX Runtime on the same file. A file whose batch is
/// fixed to 1 runs at any batch.
/// </summary>
public sealed class OnnxImportTests
{
    private const string X = OnnxGraph.Input;

    private static readonly Dictionary<string, Func<byte[]>> Files = new(StringComparer.Ordinal)
    {
        ["view to [1, -1] at a batch of one"] = () => Viewed([1, 3, 8, 8], 1, -1),
        ["view to [1, n] at a batch of one"] = () => Viewed([1, 3, 8, 8], 1, 256),
        ["view to [1, n] at any batch"] = () => Viewed([0, 3, 8, 8], 1, 256),
        ["view to [-1, n] at a batch of two"] = () => Viewed([2, 3, 8, 8], -1, 256),
        ["view to [2, -1] at a batch of two"] = () => Viewed([2, 3, 8, 8], 2, -1),
        ["view to [0, -1]"] = () => Viewed([0, 3, 8, 8], 0, -1),
        ["squeeze and excite of linear layers at a batch of one"] = () => Excited(1, expanded: false),
        ["squeeze and excite of linear layers at a batch of two"] = () => Excited(2, expanded: false),
        ["squeeze and excite with an expanded gate"] = () => Excited(1, expanded: true),
        ["squeezing one axis at a time"] = () => Of([0, 3, 8, 8], g =>
        {
            string pooled = g.Node("GlobalAveragePool", [Conv(g, X, 3, 8)]);
            string row = g.Node("Squeeze", [pooled, g.Integers(3)]);
            return g.Node("MatMul", [g.Node("Squeeze", [row, g.Integers(-1)]), g.Random(8, 5)]);
        }),
        ["squeezing all axes at a batch of one"] = () => Of([1, 3, 8, 8], g =>
            g.Node("Squeeze", [g.Node("GlobalAveragePool", [Conv(g, X, 3, 8)])])),
        ["x[:, :, 0, 0] by gathering"] = () => Of([0, 3, 8, 8], g =>
        {
            string pooled = g.Node("GlobalAveragePool", [Conv(g, X, 3, 8)]);
            string row = g.Node("Gather", [pooled, g.Integer(0)], ("axis", 2));
            return g.Node("Gemm", [g.Node("Gather", [row, g.Integer(0)], ("axis", 2)), g.Random(8, 5)]);
        }),
        ["x[:, :, 1, -1] of a feature map"] = () => Of([0, 3, 8, 8], g =>
        {
            string row = g.Node("Gather", [Conv(g, X, 3, 8), g.Integer(1)], ("axis", 2));
            return g.Node("Gather", [row, g.Integer(-1)], ("axis", 2));
        }),
        ["x[:, 2:, ::2, 1:7:3]"] = () => Of([0, 3, 8, 8], g => Conv(g, g.Node(
            "Slice",
            [Conv(g, X, 3, 8), g.Integers(2, 0, 1), g.Integers(long.MaxValue, 100, 7), g.Integers(1, 2, 3), g.Integers(1, 2, 3)]), 6, 4)),
        ["mean(3).mean(2)"] = () => Of([0, 3, 8, 6], g =>
        {
            string columns = g.Node("ReduceMean", [Conv(g, X, 3, 8)], ("axes", (long[])[3]), ("keepdims", 0));
            string means = g.Node("ReduceMean", [columns], ("axes", (long[])[2]), ("keepdims", 0));
            return g.Node("Gemm", [means, g.Random(8, 5)]);
        }),
        ["flatten(2).mean(2)"] = () => Of([0, 3, 8, 6], g =>
        {
            string pixels = g.Node("Reshape", [Conv(g, X, 3, 8), g.Integers(0, 8, -1)]);
            return g.Node("Gemm", [g.Node("ReduceMean", [pixels], ("axes", (long[])[-1]), ("keepdims", 0)), g.Random(8, 5)]);
        }),
        ["parametric ReLU per channel"] = () => Of([0, 3, 8, 8], g =>
            Conv(g, g.Node("PRelu", [Conv(g, X, 3, 8), g.Random(8, 1, 1)]), 8, 4)),
        ["parametric ReLU with one slope"] = () => Of([0, 3, 8, 8], g => g.Node("PRelu", [Conv(g, X, 3, 8), g.Random(1)])),
        ["functional.normalize"] = () => Of([0, 3, 8, 8], g =>
        {
            string vector = Vector(g, 8, 5);
            string norm = g.Node("ReduceL2", [vector], ("axes", (long[])[1]), ("keepdims", 1));
            string bounded = g.Node("Clip", [norm, g.Number(1e-12f)]);
            return g.Node("Div", [vector, g.Node("Expand", [bounded, g.Node("Shape", [vector])])]);
        }),
        ["functional.normalize at a batch of one"] = () => Of([1, 3, 8, 8], g =>
        {
            string vector = Vector(g, 8, 5);
            string norm = g.Node("ReduceL2", [vector], ("axes", (long[])[1]), ("keepdims", 1));
            string bounded = g.Node("Max", [norm, g.Number(1e-12f)]);
            return g.Node("Div", [vector, g.Node("Expand", [bounded, g.Integers(1, 5)])]);
        }),
        ["unit length by squares, sum and root"] = () => Of([0, 3, 8, 8], g =>
        {
            string maps = Conv(g, X, 3, 8);
            string sum = g.Node("ReduceSum", [g.Node("Pow", [maps, g.Number(2)]), g.Integers(1)], ("keepdims", 1));
            return g.Node("Div", [maps, g.Node("Sqrt", [sum])]);
        }),
        ["LpNormalization of flattened maps"] = () => Of([0, 3, 8, 8], g =>
            g.Node("LpNormalization", [g.Node("Flatten", [Conv(g, X, 3, 8)])], ("axis", 1), ("p", 2))),
        ["log softmax"] = () => Of([0, 3, 8, 8], g => g.Node("LogSoftmax", [Vector(g, 8, 5)], ("axis", 1))),
        ["log softmax of a feature map"] = () => Of([0, 3, 8, 8], g => g.Node("LogSoftmax", [Conv(g, X, 3, 8)], ("axis", 1))),
        ["generalized mean pooling"] = () => Of([0, 3, 8, 8], g =>
        {
            string exponent = g.Numbers([1], [3.2f]);
            string power = g.Node("Pow", [g.Node("Clip", [Conv(g, X, 3, 8), g.Number(1e-6f)]), exponent]);
            string pooled = g.Node("AveragePool", [power], ("kernel_shape", (long[])[8, 8]));
            string root = g.Node("Pow", [pooled, g.Node("Div", [g.Number(1), exponent])]);
            return g.Node("Gemm", [g.Node("Flatten", [root]), g.Random(8, 5)]);
        }),
        ["channel shuffle and split"] = () => Of([0, 3, 8, 8], g =>
        {
            string[] halves = g.Nodes("Split", [Conv(g, X, 3, 12)], 2, ("axis", 1));
            string joined = g.Node("Concat", [halves[1], Conv(g, halves[0], 6, 6)], ("axis", 1));
            string groups = g.Node("Reshape", [joined, g.Integers(0, 3, 4, 8, 8)]);
            string shuffled = g.Node("Transpose", [groups], ("perm", (long[])[0, 2, 1, 3, 4]));
            return Conv(g, g.Node("Reshape", [shuffled, g.Integers(0, -1, 8, 8)]), 12, 4);
        }),
        ["channel shuffle at a batch of one"] = () => Of([1, 3, 8, 8], g =>
        {
            string groups = g.Node("Reshape", [Conv(g, X, 3, 12), g.Integers(1, 2, 6, 8, 8)]);
            string shuffled = g.Node("Transpose", [groups], ("perm", (long[])[0, 2, 1, 3, 4]));
            return g.Node("Reshape", [shuffled, g.Integers(1, -1, 8, 8)]);
        }),
        ["layer norm of channels last"] = () => Of([0, 3, 8, 8], g =>
        {
            string last = g.Node("Transpose", [Conv(g, X, 3, 8)], ("perm", (long[])[0, 2, 3, 1]));
            string norm = g.Node("LayerNormalization", [last, g.Random(8), g.Random(8)], ("axis", -1), ("epsilon", 1e-6f));
            string wide = g.Node("Add", [g.Node("MatMul", [norm, g.Random(8, 16)]), g.Random(16)]);
            string narrow = g.Node("MatMul", [Gelu(g, wide), g.Random(16, 8)]);
            string first = g.Node("Transpose", [g.Node("Mul", [narrow, g.Random(8)])], ("perm", (long[])[0, 3, 1, 2]));
            return Conv(g, first, 8, 4);
        }),
        ["layer norm of channels last, decomposed"] = () => Of([0, 3, 8, 8], g =>
        {
            string last = g.Node("Transpose", [Conv(g, X, 3, 8)], ("perm", (long[])[0, 2, 3, 1]));
            return g.Node("Transpose", [Norm(g, last, -1, 8)], ("perm", (long[])[0, 3, 1, 2]));
        }),
        ["layer norm of channels first, decomposed"] = () => Of([0, 3, 8, 8], g => Norm(g, Conv(g, X, 3, 8), 1, 8, 1, 1)),
        ["clip with a minimum above the maximum"] = () => Of([0, 3, 8, 8], g =>
            g.Node("Add", [g.Node("Clip", [Conv(g, X, 3, 8), g.Number(2), g.Number(-1)]), X3(g)])),
        ["weights in int8"] = () => Of([0, 3, 8, 8], g => g.Node(
            "Conv", [X, g.Node("DequantizeLinear", [Int8(g, 4, 3, 3, 3), g.Numbers([], [0.02f]), Int8(g)])])),
        ["weights in int8 with a scale per filter"] = () => Of([0, 3, 8, 8], g => g.Node(
            "Conv", [X, g.Node("DequantizeLinear", [Int8(g, 4, 3, 3, 3), g.Numbers([4], [0.01f, 0.02f, 0.03f, 0.04f])], ("axis", 0))])),
        ["two flattened feature maps, concatenated"] = () => Of([0, 3, 8, 8], g =>
        {
            string pooled = g.Node("MaxPool", [Conv(g, X, 3, 4)], ("kernel_shape", (long[])[4, 4]), ("strides", (long[])[4, 4]));
            string[] parts = [g.Node("Flatten", [pooled]), g.Node("Flatten", [g.Node("GlobalMaxPool", [Conv(g, X, 3, 5)])])];
            return g.Node("Gemm", [g.Node("Concat", parts, ("axis", 1)), g.Random(21, 3), g.Random(3)]);
        }),
        ["flattened channels last"] = () => Of([0, 3, 8, 8], g =>
        {
            string last = g.Node("Transpose", [Conv(g, X, 3, 4)], ("perm", (long[])[0, 2, 3, 1]));
            return g.Node("Gemm", [g.Node("Flatten", [last]), g.Random(256, 3)]);
        }),
        ["a difference and an inverse"] = () => Of([0, 3, 8, 8], g =>
        {
            string left = Conv(g, X, 3, 8), right = g.Node("Sigmoid", [Conv(g, X, 3, 8)]);
            return g.Node("Mul", [g.Node("Sub", [left, right]), g.Node("Div", [g.Number(2), right])]);
        }),
        ["tanh"] = () => Of([0, 3, 8, 8], g => g.Node("Tanh", [Vector(g, 8, 5)])),
        ["colors in reverse by gathering"] = () => Of([0, 3, 8, 8], g => Conv(
            g, g.Node("Gather", [X, g.Integers(2, 1, 0)], ("axis", 1)), 3, 4)),
        ["colors in reverse by slicing"] = () => Of([0, 3, 8, 8], g => Conv(
            g, g.Node("Slice", [X, g.Integers(-1), g.Integers(long.MinValue + 1), g.Integers(1), g.Integers(-1)]), 3, 4)),
        ["operator set 24"] = () => Of([0, 3, 8, 8], g => g.Node("Relu", [Conv(g, X, 3, 8)]), operatorSet: 24),
        ["operator set 22 with GELU"] = () => Of([0, 3, 8, 8], g => g.Node("Gelu", [Conv(g, X, 3, 8)]), operatorSet: 22),
    };

    public static TheoryData<string> Names { get; } = [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Imported_files_compute_the_outputs_of_ONNX_Runtime(string name)
    {
        byte[] file = Files[name]();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(file, options);
        int fixedBatch = session.InputMetadata[X].Dimensions[0];
        Model model = OnnxFile.Read(new MemoryStream(file));
        float[] input = RandomNetworks.Samples(model.Network.InputShape, 4, seed: 3);
        using IInferenceSession managed =
            new ManagedBackend().CreateInferenceSession(model.Network, model.Weights, [model.Network.Layers[^1].Name]);
        float[] found = new float[4 * model.Network.OutputShape.Length];
        managed.Run(input, 4, [found]);

        // As many samples at a time as the file takes; one, where it takes any number, since a reshape may allow only one.
        List<float> expected = [];
        int batch = fixedBatch > 0 ? fixedBatch : name.Contains("[1, n]", StringComparison.Ordinal) ? 1 : 4;
        int length = model.Network.InputShape.Length;
        for (int start = 0; start < 4; start += batch)
        {
            expected.AddRange(Run(session, input.AsMemory(start * length, batch * length), batch));
        }

        Assert.Equal(expected.Count, found.Length);
        float largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First / largest, pair.Second / largest, 2e-5f));

        float[] Run(InferenceSession session, Memory<float> part, int samples)
        {
            Shape shape = model.Network.InputShape;
            using OrtValue value = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, part, [samples, shape.Channels, shape.Height, shape.Width]);
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [X], [value], [session.OutputNames[0]]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }

    [Theory]
    [InlineData("MatMul", false)]
    [InlineData("MatMul", true)]
    [InlineData("Conv", false)]
    [InlineData("Conv", true)]
    [InlineData("LayerNorm", false)]
    [InlineData("LayerNorm", true)]
    public void A_named_value_is_the_one_that_is_computed(string operation, bool byNode)
    {
        var graph = new OnnxGraph(17, [0, 3, 8, 8]);
        string before = operation switch
        {
            "MatMul" => graph.Node("MatMul", [Vector(graph, 8, 6), graph.Random(6, 5)]),
            "Conv" => graph.Node("Conv", [X, graph.Random(5, 3, 3, 3)]),
            _ => Norm(graph, Conv(graph, X, 3, 5), 1, 5, 1, 1, shifted: false),
        };
        string after = graph.Node("Add", [before, operation == "MatMul" ? graph.Random(5) : graph.Random(5, 1, 1)]);
        string last = graph.Node("Relu", [after]);
        byte[] all = graph.ToFile(last, before, after), file = graph.ToFile(last);
        using IInferenceSession runtime = Runtime(all, [before, after]);
        float[] input = RandomNetworks.Samples(runtime.InputShape, 2, seed: 4);
        float[][] expected = [.. runtime.OutputShapes.Select(shape => new float[2 * shape.Length])];
        runtime.Run(input, 2, [expected[0], expected[1]]);
        Assert.NotEqual(expected[0], expected[1]);
        for (int i = 0; i < 2; i++)
        {
            string value = i == 0 ? before : after;
            string name = byNode ? value[..value.IndexOf("_output", StringComparison.Ordinal)] : value;
            Model model = OnnxFile.Read(new MemoryStream(file), new OnnxImportOptions { EmbeddingLayer = name });
            using IInferenceSession session =
                new ManagedBackend().CreateInferenceSession(model.Network, model.Weights, [model.EmbeddingLayer]);
            float[] found = new float[expected[i].Length];
            session.Run(input, 2, [found]);
            Assert.All(expected[i].Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-5f));
        }
    }

    private static byte[] Of(long[] dimensions, Func<OnnxGraph, string> build, int operatorSet = 17)
    {
        var graph = new OnnxGraph(operatorSet, dimensions);
        string output = build(graph);
        return graph.ToFile(output);
    }

    private static byte[] Viewed(long[] dimensions, params long[] view) => Of(dimensions, g =>
        g.Node("Gemm", [g.Node("Reshape", [g.Node("Relu", [Conv(g, X, 3, 4)]), g.Integers(view)]), g.Random(256, 5), g.Random(5)]));

    private static byte[] Excited(long batch, bool expanded) => Of([batch, 3, 8, 8], g =>
    {
        string maps = Conv(g, X, 3, 8);
        string vector = g.Node("Reshape", [g.Node("GlobalAveragePool", [maps]), g.Integers(batch, 8)]);
        string squeezed = g.Node("Relu", [g.Node("MatMul", [vector, g.Random(8, 2)])]);
        string gate = g.Node("Sigmoid", [g.Node("MatMul", [squeezed, g.Random(2, 8)])]);
        string spread = g.Node("Reshape", [gate, g.Integers(batch, 8, 1, 1)]);
        return g.Node("Mul", [maps, expanded ? g.Node("Expand", [spread, g.Integers(batch, 8, 8, 8)]) : spread]);
    });

    private static string Conv(OnnxGraph graph, string input, int channels, int filters) => graph.Node(
        "Conv", [input, graph.Random(filters, channels, 3, 3), graph.Random(filters)], ("pads", (long[])[1, 1, 1, 1]));

    private static string X3(OnnxGraph graph) => graph.Node("Sigmoid", [Conv(graph, X, 3, 8)]);

    /// <summary>The classifier's vector.</summary>
    private static string Vector(OnnxGraph graph, int channels, int values) => graph.Node(
        "Gemm", [graph.Node("Flatten", [graph.Node("GlobalAveragePool", [Conv(graph, X, 3, channels)])]), graph.Random(channels, values)]);

    private static string Gelu(OnnxGraph graph, string x)
    {
        string error = graph.Node("Erf", [graph.Node("Div", [x, graph.Number(MathF.Sqrt(2))])]);
        string product = graph.Node("Mul", [x, graph.Node("Add", [error, graph.Number(1)])]);
        return graph.Node("Mul", [product, graph.Number(0.5f)]);
    }

    /// <summary>A layer norm as PyTorch decomposes it before operator set 17.</summary>
    private static string Norm(OnnxGraph graph, string x, long axis, params long[] parameters) =>
        Norm(graph, x, axis, parameters, shifted: true);

    private static string Norm(OnnxGraph graph, string x, long axis, long a, long b, long c, bool shifted) =>
        Norm(graph, x, axis, [a, b, c], shifted);

    private static string Norm(OnnxGraph graph, string x, long axis, long[] parameters, bool shifted)
    {
        string centered = graph.Node("Sub", [x, Mean(x)]);
        string variance = Mean(graph.Node("Pow", [centered, graph.Number(2)]));
        string deviation = graph.Node("Sqrt", [graph.Node("Add", [variance, graph.Number(1e-6f)])]);
        string scaled = graph.Node("Mul", [graph.Node("Div", [centered, deviation]), graph.Random(parameters)]);
        return shifted ? graph.Node("Add", [scaled, graph.Random(parameters)]) : scaled;

        string Mean(string of) => graph.Node("ReduceMean", [of], ("axes", (long[])[axis]), ("keepdims", 1));
    }

    private static string Int8(OnnxGraph graph, params long[] dimensions)
    {
        int count = (int)dimensions.Aggregate(1L, (a, b) => a * b);
        var random = new Random(2);
        return graph.Add(new TensorProto
        {
            Name = $"int8_{string.Join('x', dimensions)}",
            DataType = (int)TensorProto.Types.DataType.Int8,
            Dims = { dimensions },
            RawData = Google.Protobuf.ByteString.CopyFrom([.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(256))]),
        });
    }

    private static IInferenceSession Runtime(byte[] file, string[] outputs)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.onnx"], file);
        return new OnnxRuntimeBackend(new OnnxRuntimeBackendOptions { Device = ComputeDevice.Cpu })
            .OpenInferenceSession(folder["model.onnx"], outputs);
    }
}
