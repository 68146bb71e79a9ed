using Google.Protobuf;

namespace SimNet.Models.Tests;

/// <summary>
/// Damaged and malicious files throw only <see cref="ModelFormatException"/> and allocate little memory.
/// </summary>
public sealed class HostileOnnxTests
{
    /// <summary>Small files with many operators, as this library and as other programs write them.</summary>
    private static readonly byte[][] Files = [FileOf(OwnModel()), FileOf(Foreign(_ => { }))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_damaged_file_throws_or_gives_a_model_without_extra_memory(int seed)
    {
        var random = new SeededRandom(seed);
        int thrown = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] file = Damage(Files[random.NextInt32(Files.Length)], ref random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Model model = OnnxFile.Read(new MemoryStream(file));
                Assert.Equal(model.Network.ParameterCount, model.Weights.Values.Sum(tensor => tensor.Values.Length));
            }
            catch (ModelFormatException)
            {
                thrown++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }

        Assert.InRange(thrown, 1500, 3999);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Distorted_messages_throw_or_read_without_extra_memory(int seed)
    {
        var random = new SeededRandom(seed);
        int thrown = 0;
        for (int i = 0; i < 3000; i++)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(Files[random.NextInt32(Files.Length)]);
            for (int changes = 1 + random.NextInt32(3); changes > 0; changes--)
            {
                Distort(model, ref random);
            }

            byte[] file = model.ToByteArray();
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _ = OnnxFile.Read(new MemoryStream(file));
            }
            catch (ModelFormatException)
            {
                thrown++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
        }

        Assert.InRange(thrown, 1000, 2999);
    }

    [Fact]
    public void Every_truncated_file_throws()
    {
        foreach (byte[] file in Files)
        {
            for (int length = 0; length < file.Length; length += 7)
            {
                Assert.Throws<ModelFormatException>(() => OnnxFile.Read(new MemoryStream(file, 0, length)));
            }
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x3A, 0x02, 0x0A, 0x00 }, 300_000, "messages")] // Graphs, each with an empty node.
    [InlineData(new byte[] { 0x42, 0x00 }, 2_000_000, "messages")] // Operator sets.
    [InlineData(new byte[] { 0x08, 0x08 }, 2_100_000, "fields")] // IR versions.
    [InlineData(new byte[] { 0x3A, 0x04, 0x0A, 0x02, 0x0A, 0x00 }, 300_000, "messages")] // Nodes with an empty input.
    public void Many_small_messages_throw_without_extra_memory(byte[] part, int count, string named)
    {
        byte[] file = [.. Enumerable.Repeat(part, count).SelectMany(bytes => bytes)];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains(
            named, Assert.Throws<ModelFormatException>(() => OnnxFile.Read(new MemoryStream(file))).Message, StringComparison.Ordinal);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, file.Length + (1 << 20));
    }

    [Fact]
    public void Too_many_one_byte_integers_throw()
    {
        var model = new ModelProto { Graph = new GraphProto { Initializer = { new TensorProto { Name = "t" } } } };
        model.Graph.Initializer[0].Int64Data.Add(Enumerable.Repeat(1L, 5_000_000));
        byte[] file = model.ToByteArray();
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains(
            "integers",
            Assert.Throws<ModelFormatException>(() => OnnxFile.Read(new MemoryStream(file))).Message,
            StringComparison.Ordinal);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, file.Length + (1 << 20));
    }

    [Fact]
    public void Constant_folding_is_limited()
    {
        // A few bytes request a gigabyte of values.
        Throws("more than", model =>
        {
            model.Graph.Initializer.Add(
                new TensorProto
                {
                    Name = "size",
                    Dims = { 1 },
                    DataType = (int)TensorProto.Types.DataType.Int64,
                    Int64Data = { 1L << 30 },
                });
            model.Graph.Node.Insert(0, new NodeProto { OpType = "ConstantOfShape", Input = { "size" }, Output = { "large" } });
            model.Graph.Node.Insert(1, new NodeProto { OpType = "Add", Input = { "x", "large" }, Output = { "sum" } });
            model.Graph.Node[2].Input[0] = "sum";
        });

        // A matrix is transposed many times.
        long before = GC.GetAllocatedBytesForCurrentThread();
        Throws("more than", model =>
        {
            model.Graph.Initializer.Add(new TensorProto
            {
                Name = "large matrix",
                Dims = { 1 << 10, 1 << 10 },
                DataType = (int)TensorProto.Types.DataType.Float,
                RawData = ByteString.CopyFrom(new byte[4 << 20]),
            });
            for (int i = 0; i < 600; i++)
            {
                model.Graph.Node.Add(
                    new NodeProto
                    {
                        OpType = "Transpose",
                        Input = { i == 0 ? "large matrix" : $"turned{i - 1}" },
                        Output = { $"turned{i}" },
                    });
            }

            model.Graph.Output.Add(new ValueInfoProto { Name = "turned599" });
        });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
    }

    [Fact]
    public void Exceptions_name_the_problem_and_the_file()
    {
        Throws("operator set version is 6", model => model.OpsetImport[0].Version = 6);
        Throws("operator set version is 99", model => model.OpsetImport[0].Version = 99);
        Throws("no graph", model => model.Graph = null);
        Throws("no output", model => model.Graph.Output.Clear());
        Throws("'nowhere'", model => model.Graph.Output[0].Name = "nowhere");
        Throws(
            "two tensors are named 'conv.weight'",
            model => model.Graph.Initializer.Add(model.Graph.Initializer.First(tensor => tensor.Name == "conv.weight")));
        Throws("two values are named 'a'", model => model.Graph.Node[1].Output[0] = "a");
        Throws("has input 'missing'", model => model.Graph.Node[1].Input[0] = "missing");
        Throws("has input 'b'", model => model.Graph.Node[0].Input[0] = "b");
        Throws(
            "'Conv_0' (Conv)",
            model => model.Graph.Node[0].Attribute.Add(
                new AttributeProto { Name = "strides", Ints = { 0, 1 }, Type = AttributeProto.Types.AttributeType.Ints }));
        Throws(
            "attribute 'strides' occurs twice",
            model => model.Graph.Node[0].Attribute.Add(
                [new AttributeProto { Name = "strides", I = 1 }, new AttributeProto { Name = "strides", I = 1 }]));
        Throws(
            "attribute 'axis'",
            model => model.Graph.Node[1].Attribute.Add(
                new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int }));
        Throws(
            "(com.other.Relu): this operator is not supported as a layer; export the model with the operators of the standard",
            model => model.Graph.Node[1].Domain = "com.other");
        Throws(
            "node 'Relu_1' (GRU): this operator is not supported as a layer; to run the file as it is, open it with "
                + "OnnxRuntimeBackend.OpenInferenceSession of SimNet.OnnxRuntime",
            model => model.Graph.Node[1].OpType = "GRU");
        Throws(
            "external data in 'weights.bin'",
            model => Weight(model).ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" }));
        Throws("external data", model => Weight(model).DataLocation = TensorProto.Types.DataLocation.External);
        Throws("[2147483647, 2147483647, 1, 1]", model => Weight(model).Dims[0] = Weight(model).Dims[1] = int.MaxValue);
        Throws("-1", model => Weight(model).Dims[0] = -1);
        Throws("bytes per value, but", model => Weight(model).Dims[0] = 100);
        Throws("node 'Conv_0' (Conv): tensor 'conv.weight' has data type String", model => Weight(model).DataType = 8);
        Throws(
            "contains infinity or NaN",
            model => Weight(model).RawData = ByteString.CopyFrom([.. Enumerable.Repeat((byte)0xFF, Weight(model).RawData.Length)]));
        Throws(
            "does not fix channels",
            model => model.Graph.Input[0].Type.TensorType.Shape.Dim[2] = new TensorShapeProto.Types.Dimension { DimParam = "height" });
        Throws("sample needs", model =>
        {
            model.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimValue = 100_000_000;
            model.Graph.Output[0].Name = "a";
        });
        Throws("input 'x' has data type Float16", model => model.Graph.Input[0].Type.TensorType.ElemType = 10);
        Throws("has 2 inputs", model => model.Graph.Input.Add(new ValueInfoProto { Name = "y" }));
        Throws(
            "'classes' occurs twice",
            model => model.MetadataProps.Add(
                [new StringStringEntryProto { Key = "classes" }, new StringStringEntryProto { Key = "classes" }]));
        Throws("'onnx 2'", model => model.MetadataProps.Add(new StringStringEntryProto { Key = "simnet.format", Value = "onnx 2" }));
        Throws("'far'", model => model.MetadataProps.Add(new StringStringEntryProto { Key = "simnet.embedding_layer", Value = "far" }));
        Throws("Reshape", model => model.Graph.Initializer.First(tensor => tensor.Name == "target").Int64Data[1] = 5);

        static TensorProto Weight(ModelProto model) => model.Graph.Initializer.First(tensor => tensor.Name == "conv.weight");
    }

    [Fact]
    public void Long_chains_of_layers_do_not_overflow_the_stack()
    {
        Layer[] layers =
        [
            new ZeroPad2d("pad") { Padding = 1 }, .. Enumerable.Range(0, 9_990).Select(i => new Dropout($"d{i}")), new MaxPool2d("pool", 2),
        ];
        var network = new Network("chain", new Shape(1, 1, 1), layers);
        using var file = new MemoryStream();
        OnnxFile.Write(file, new Model(network, new StateDict([]), "pool"));
        file.Position = 0;
        Model? read = null;
        var thread = new Thread(() => read = OnnxFile.Read(file), maxStackSize: 256 << 10);
        thread.Start();
        thread.Join();

        Assert.Equal(network.Layers.AsEnumerable(), read!.Network.Layers.AsEnumerable());
    }

    [Fact]
    public void A_file_over_the_limit_throws()
    {
        byte[] file = FileOf(Foreign(_ => { }));

        Assert.Contains(
            "MaxFileBytes",
            Assert.Throws<ModelFormatException>(
                () => OnnxFile.Read(new MemoryStream(file), new OnnxImportOptions { MaxFileBytes = file.Length - 1 })).Message,
            StringComparison.Ordinal);
        Assert.NotNull(OnnxFile.Read(new MemoryStream(file), new OnnxImportOptions { MaxFileBytes = file.Length }));
    }

    private static void Throws(string named, Action<ModelProto> change)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.onnx"], FileOf(Foreign(change)));
        ModelFormatException exception = Assert.Throws<ModelFormatException>(() => OnnxFile.Read(folder["model.onnx"]));
        Assert.Contains(named, exception.Problem, StringComparison.Ordinal);
        Assert.Equal(folder["model.onnx"], exception.File);
    }

    private static ModelProto OwnModel()
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(
            stream,
            new Model(SampleNetworks.EveryKind, NetworkData.Weights(SampleNetworks.EveryKind, 1), "relu"),
            new OnnxExportOptions { HalfPrecision = true });
        return ModelProto.Parser.ParseFrom(stream.ToArray());
    }

    /// <summary>
    /// Creates a file with operators that other exporters write: reshaping to a computed shape, a matrix product, and arithmetic with
    /// constants.
    /// </summary>
    private static ModelProto Foreign(Action<ModelProto> change)
    {
        var graph = new GraphProto { Name = "foreign" };
        var shape = new TensorShapeProto();
        shape.Dim.Add([new() { DimParam = "n" }, new() { DimValue = 2 }, new() { DimValue = 6 }, new() { DimValue = 5 }]);
        graph.Input.Add(new ValueInfoProto
        {
            Name = "x",
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } },
        });
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        graph.Node.Add(
        [
            new NodeProto { OpType = "Conv", Name = "Conv_0", Input = { "x", "conv.weight" }, Output = { "a" } },
            new NodeProto { OpType = "Relu", Name = "Relu_1", Input = { "a" }, Output = { "b" } },
            new NodeProto { OpType = "Mul", Input = { "b", "scale" }, Output = { "c" } },
            new NodeProto { OpType = "Sub", Input = { "one", "c" }, Output = { "d" } },
            new NodeProto { OpType = "Transpose", Input = { "matrix" }, Output = { "turned" } },
            new NodeProto { OpType = "Shape", Input = { "d" }, Output = { "shape" } },
            new NodeProto { OpType = "Gather", Input = { "shape", "zero" }, Output = { "batch" } },
            new NodeProto
            {
                OpType = "Concat",
                Input = { "batch", "rest" },
                Output = { "computed" },
                Attribute = { new AttributeProto { Name = "axis", I = 0, Type = AttributeProto.Types.AttributeType.Int } },
            },
            new NodeProto { OpType = "Reshape", Input = { "d", "computed" }, Output = { "flat" } },
            new NodeProto { OpType = "Reshape", Input = { "flat", "target" }, Output = { "same" } },
            new NodeProto { OpType = "Gemm", Name = "last", Input = { "same", "turned", "bias" }, Output = { "y" } },
        ]);
        graph.Initializer.Add(
        [
            Numbers("conv.weight", [3, 2, 1, 1]), Numbers("scale", [3, 1, 1]), Numbers("one", []),
            Numbers("matrix", [4, 90]), Numbers("bias", [4]),
            Integers("zero", [0]), Integers("rest", [-1]), Integers("target", [-1, 90]),
        ]);
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
        change(model);
        return model;

        static TensorProto Numbers(string name, long[] dimensions)
        {
            int count = (int)dimensions.Aggregate(1L, (a, b) => a * b);
            byte[] bytes = [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(MathF.Sin(i + 1)))];
            return new TensorProto
            {
                Name = name,
                Dims = { dimensions },
                DataType = (int)TensorProto.Types.DataType.Float,
                RawData = ByteString.CopyFrom(bytes),
            };
        }

        static TensorProto Integers(string name, long[] values) =>
            new() { Name = name, Dims = { values.Length }, DataType = (int)TensorProto.Types.DataType.Int64, Int64Data = { values } };
    }

    private static byte[] FileOf(ModelProto model) => model.ToByteArray();

    private static byte[] Damage(byte[] file, ref SeededRandom random)
    {
        byte[] damaged = [.. file];
        switch (random.NextInt32(4))
        {
            case 0:
                return file[..random.NextInt32(file.Length)];
            case 1:
                for (int flips = 1 + random.NextInt32(4); flips > 0; flips--)
                {
                    damaged[random.NextInt32(file.Length)] ^= (byte)(1 << random.NextInt32(8));
                }

                return damaged;
            case 2:
                damaged[random.NextInt32(file.Length)] = (byte)random.NextInt32(256);
                return damaged;
            default:
                int cut = random.NextInt32(file.Length), length = random.NextInt32(Math.Min(200, file.Length - cut));
                return random.NextInt32(2) == 0 ? [.. file[..cut], .. file[(cut + length)..]] : [.. file[..(cut + length)], .. file[cut..]];
        }
    }

    /// <summary>Changes a number, a name, or an operator.</summary>
    private static void Distort(ModelProto model, ref SeededRandom random)
    {
        GraphProto graph = model.Graph;
        NodeProto node = graph.Node[random.NextInt32(graph.Node.Count)], other = graph.Node[random.NextInt32(graph.Node.Count)];
        TensorProto tensor = graph.Initializer[random.NextInt32(graph.Initializer.Count)];
        long number = random.NextInt32(6) switch
        {
            0 => long.MaxValue,
            1 => long.MinValue,
            2 => int.MaxValue,
            3 => -random.NextInt32(5),
            _ => random.NextInt32(300),
        };
        switch (random.NextInt32(9))
        {
            case 0:
                node.OpType = other.OpType;
                break;
            case 1 when node.Input.Count > 0 && other.Output.Count > 0:
                node.Input[random.NextInt32(node.Input.Count)] = other.Output[0];
                break;
            case 2 when node.Input.Count > 0:
                node.Input[random.NextInt32(node.Input.Count)] = tensor.Name;
                break;
            case 3 when node.Attribute.Count > 0:
                AttributeProto attribute = node.Attribute[random.NextInt32(node.Attribute.Count)];
                attribute.I = number;
                attribute.F = number;
                for (int i = 0; i < attribute.Ints.Count; i++)
                {
                    attribute.Ints[i] = random.NextInt32(2) == 0 ? number : attribute.Ints[i];
                }

                break;
            case 4 when tensor.Dims.Count > 0:
                tensor.Dims[random.NextInt32(tensor.Dims.Count)] = number;
                break;
            case 5:
                tensor.DataType = random.NextInt32(18);
                break;
            case 6 when tensor.Int64Data.Count > 0:
                tensor.Int64Data[random.NextInt32(tensor.Int64Data.Count)] = number;
                break;
            case 7:
                graph.Node.RemoveAt(random.NextInt32(graph.Node.Count));
                graph.Node.Add(node.Clone());
                break;
            default:
                graph.Input[0].Type.TensorType.Shape.Dim[random.NextInt32(4)].DimValue = number;
                break;
        }
    }
}
