using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using SimNet.Conformance;

namespace SimNet.Models.Tests;

public sealed class OnnxRoundTripTests
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    private static readonly Dictionary<string, string> Texts = new()
    {
        ["preprocessing"] = """{"size":64}""",
        ["classes"] = "shoe\nhat \"ä\"\0",
    };

    [Fact]
    public void A_model_round_trips_bit_for_bit()
    {
        foreach (Network network in new[]
        {
            SampleNetworks.EveryKind,
            DenoisingAutoencoder.Create(),
            SqueezeNet.CreateESimNet(classes: 3, size: 32),
        })
        {
            RequireSame(ModelOf(network, 1));
        }
    }

    [Fact]
    public void Any_model_round_trips()
    {
        Prop.ForAll(Seeds, seed => RequireSame(ModelOf(RandomNetworks.Create(seed), seed))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Layers_and_parameters_can_share_names()
    {
        var network = new Network("shared names", new Shape(1, 4, 4),
        [
            new Conv2d("a", 1, 1),
            new Conv2d("a.weight", 1, 1),
            new Conv2d("a.weight.bias_", 1, 1),
            new Silu("a.bias"),
            new Relu("a.bias/sigmoid"),
        ]);

        RequireSame(ModelOf(network, 1));
        RequireSame(ModelOf(network, 1), halves: true);
    }

    [Fact]
    public void Half_precision_gives_the_same_model_as_safetensors()
    {
        Model model = ModelOf(SampleNetworks.EveryKind, 2);
        using var folder = new TemporaryFolder();
        model.Save(folder["model.safetensors"], new ModelSaveOptions { HalfPrecision = true });
        model.Save(folder["model.onnx"], new ModelSaveOptions { HalfPrecision = true });

        Assert.Equal(Model.Load(folder["model.safetensors"]).Id, Model.Load(folder["model.onnx"]).Id);
        Assert.Contains(
            "/float\"", ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["model.onnx"])).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_extension_selects_the_format_and_loading_detects_it()
    {
        Model model = ModelOf(SampleNetworks.EveryKind, 3);
        using var folder = new TemporaryFolder();
        model.Save(folder["a.ONNX"]);
        model.Save(folder["b.model"]);
        File.Move(folder["a.ONNX"], folder["a"]);
        Assert.Equal(0x08, File.ReadAllBytes(folder["a"])[0]);
        Assert.Equal((byte)'{', File.ReadAllBytes(folder["b.model"])[8]);

        Assert.Equal(model.Id, Model.Load(folder["a"]).Id);
        Assert.Equal(model.Id, Model.Load(folder["b.model"]).Id);
        Assert.Equal(model.Id, Model.Load(new MemoryStream(File.ReadAllBytes(folder["a"]))).Id);
        using (var forwardOnly = new System.IO.Compression.DeflateStream(
            new MemoryStream(Deflated(File.ReadAllBytes(folder["a"]))), System.IO.Compression.CompressionMode.Decompress))
        {
            Assert.Equal(model.Id, Model.Load(forwardOnly).Id);
        }

        Assert.Equal(["a", "b.model"], folder.FileNames.Order());
        Assert.Throws<ArgumentException>(() => model.Save(folder["c.onnx"], new ModelSaveOptions { Sparse = true }));
        Assert.Equal(["a", "b.model"], folder.FileNames.Order());
    }

    [Fact]
    public void Outputs_keep_their_order_and_unused_layers_are_omitted()
    {
        Network network = SampleNetworks.EveryKind;
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, network, NetworkData.Weights(network, 1), ["pool", "a.conv", "pool"]);
        ModelProto proto = ModelProto.Parser.ParseFrom(stream.ToArray());

        Assert.Equal(["pool", "a.conv"], proto.Graph.Output.Select(output => output.Name));
        Assert.Equal(["a.conv", "a.norm", "pool"], proto.Graph.Node.Select(node => node.Name));
        Assert.Equal(6, proto.Graph.Initializer.Count);
        Assert.Empty(proto.MetadataProps);
        Assert.Contains(
            "'nowhere'",
            Assert.Throws<ArgumentException>(() => OnnxFile.Write(stream, network, NetworkData.Weights(network, 1), ["nowhere"])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OnnxFile.Write(stream, network, NetworkData.Weights(network, 1), []));
        Assert.Throws<ArgumentException>(() => OnnxFile.Write(stream, network, NetworkData.Weights(network, 1), [Network.InputName]));
    }

    [Fact]
    public void The_encoder_alone_is_a_model()
    {
        Model model = ModelOf(DenoisingAutoencoder.Create(), 1, DenoisingAutoencoder.EmbeddingLayer);
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, model, new OnnxExportOptions { Outputs = [DenoisingAutoencoder.EmbeddingLayer] });
        stream.Position = 0;
        Model encoder = OnnxFile.Read(stream);

        Assert.Equal(
            model.Network.Layers.TakeWhile(layer => !layer.Name.StartsWith("decoder", StringComparison.Ordinal)), encoder.Network.Layers);
        Assert.Equal(DenoisingAutoencoder.EmbeddingLayer, encoder.EmbeddingLayer);
        Assert.All(
            encoder.Weights, pair => Assert.Same(pair.Key, model.Weights.Keys.First(key => key == pair.Key) is { } key ? pair.Key : null));
        Assert.Equal(model.Metadata, encoder.Metadata);
    }

    [Fact]
    public void Output_padding_beyond_the_stride_is_exported_as_padding()
    {
        foreach (bool hasBias in new[] { true, false })
        {
            var network = new Network("padding", new Shape(2, 3, 4),
            [
                new ConvTranspose2d("cut", 4, 2) { Padding = 1, OutputPadding = 1, Dilation = 2, HasBias = hasBias },
                new ConvTranspose2d("added", 3, 2)
                {
                    Stride = new Size2d(1, 2),
                    Padding = new Padding2d(0, 1, 0, 0),
                    OutputPadding = new Size2d(2, 1),
                    Dilation = 3,
                    HasBias = hasBias,
                },
            ]);
            RequireSame(ModelOf(network, 1));
            RequireSameByGraph(network, 1);
        }
    }

    [Fact]
    public void Zero_padding_before_pooling_is_not_exported_as_Pad()
    {
        var network = new Network("zeros", new Shape(2, 8, 8),
        [
            new ZeroPad2d("zeros") { Padding = 3 },
            new Dropout("dropout"),
            new MaxPool2d("largest", 3) { Stride = 2 },
            new AveragePool2d("mean", 3) { Stride = 2, Padding = 1, CeilMode = true },
            new ZeroPad2d("more") { Padding = new Padding2d(0, 1, 2, 3) },
            new Relu("end"),
        ]);
        RequireSame(ModelOf(network, 1));
        RequireSameByGraph(network, 1);
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, ModelOf(network, 1));
        Assert.Equal(
            ["Conv", "Dropout", "MaxPool", "Conv", "AveragePool", "Pad", "Relu"],
            ModelProto.Parser.ParseFrom(stream.ToArray()).Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void Folding_removes_batch_norms_and_preserves_the_output()
    {
        Network network = SqueezeNet.CreateESimNet(SqueezeNetVersion.V1_1, classes: 4, size: 32);
        Model model = ModelOf(network, 5, SqueezeNet.EmbeddingLayer), folded = Written(
            model, new OnnxExportOptions { FoldBatchNorm = true });

        Assert.DoesNotContain(folded.Network.Layers, layer => layer is BatchNorm2d);
        Assert.Equal(network.Layers.Length - network.Layers.Count(layer => layer is BatchNorm2d), folded.Network.Layers.Length);
        double[] input = [.. Enumerable.Range(0, network.InputShape.Length).Select(i => Math.Sin(i))];
        double[] expected = new ReferenceInterpreter(network, model.Weights).Forward(input, 1, training: false)[^1];
        double[] found = new ReferenceInterpreter(folded.Network, folded.Weights).Forward(input, 1, training: false)[^1];
        Assert.InRange(NetworkData.Distance(expected, found), 0, 1e-5);
    }

    [Fact]
    public void A_norm_stays_if_it_or_its_convolution_is_used_elsewhere()
    {
        var network = new Network("norms", new Shape(2, 5, 5),
        [
            new ConvTranspose2d("up", 4, 2) { Groups = 2, HasBias = false },
            new BatchNorm2d("up.norm"),
            new Conv2d("shared", 4, 1),
            new BatchNorm2d("shared.norm"),
            new Add("sum") { Inputs = ["shared", "shared.norm"] },
            new Conv2d("out", 2, 1),
            new BatchNorm2d("out.norm"),
        ]);
        Model model = ModelOf(network, 1), folded = Written(model, new OnnxExportOptions { FoldBatchNorm = true });

        Assert.Equal(["up", "shared", "shared.norm", "sum", "out", "out.norm"], folded.Network.Layers.Select(layer => layer.Name));
        Assert.True(((ConvTranspose2d)folded.Network.Layers[0]).HasBias);
    }

    [Fact]
    public void A_file_changed_by_another_program_is_imported_by_its_graph()
    {
        Network network = DenoisingAutoencoder.Create(size: 16);
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, ModelOf(network, 1, DenoisingAutoencoder.EmbeddingLayer));
        ModelProto proto = ModelProto.Parser.ParseFrom(stream.ToArray());
        NodeProto last = proto.Graph.Node[^1];
        proto.Graph.Node.Remove(last);
        proto.Graph.Output[0].Name = last.Input[0];
        Model changed = OnnxFile.Read(new MemoryStream(proto.ToByteArray()));

        Assert.Equal(
            network.Layers[..^1].Select(layer => layer is MaxPool2d pool ? pool with { Stride = pool.EffectiveStride } : layer),
            changed.Network.Layers.AsEnumerable());
        Assert.Equal(DenoisingAutoencoder.EmbeddingLayer, changed.EmbeddingLayer);
    }

    [Fact]
    public void A_file_without_metadata_is_imported_by_its_graph()
    {
        Prop.ForAll(Seeds, seed => RequireSameByGraph(RandomNetworks.Create(seed), seed)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_network_over_2_GB_throws_before_anything_is_written()
    {
        var network = new Network(
            "large",
            new Shape(16384, 1, 1),
            [new Conv2d("a", 16384, 1) { HasBias = false }, new Conv2d("b", 16384, 1) { HasBias = false }]);
        var weight = new WeightTensor([16384, 16384, 1, 1], new float[1 << 28]);
        using var stream = new MemoryStream();

        ArgumentException exception = Assert.Throws<ArgumentException>(() =>
            OnnxFile.Write(
                stream, network, new StateDict([KeyValuePair.Create("a.weight", weight), KeyValuePair.Create("b.weight", weight)]), ["b"]));

        Assert.Contains("2147", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void Channels_shuffled_in_the_graph_are_normalized_cropped_and_taken()
    {
        var shuffle = new ChannelShuffle("shuffle") { Groups = 2 };

        RequireSameByGraph(new Network("n", new Shape(6, 4, 3), [shuffle, new L2Normalization("last")]), 1);
        RequireSameByGraph(new Network("n", new Shape(6, 4, 3), [shuffle, new Slice("last") { Crop = 1, Step = new Size2d(2, 1) }]), 1);
        RequireSameByGraph(new Network("n", new Shape(6, 4, 3), [shuffle, new Slice("last") { FirstChannel = 1, Channels = 3 }]), 1);
    }

    [Fact]
    public void A_name_that_is_not_valid_Unicode_throws()
    {
        var network = new Network("n", new Shape(1, 2, 2), [new Relu("half a pair: \ud800")]);

        Assert.Throws<ArgumentException>(() => OnnxFile.Write(new MemoryStream(), network, new StateDict([]), [network.Layers[0].Name]));
    }

    private static Model ModelOf(Network network, int seed, string? embeddingLayer = null) =>
        new(network, NetworkData.Weights(network, seed), embeddingLayer ?? network.Layers[network.Layers.Length / 2].Name, Texts);

    private static Model Written(Model model, OnnxExportOptions options)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, model, options);
        stream.Position = 0;
        return OnnxFile.Read(stream);
    }

    private static void RequireSame(Model model, bool halves = false)
    {
        Model read = Written(model, new OnnxExportOptions { HalfPrecision = halves });
        Assert.Equal(model.Network.Name, read.Network.Name);
        Assert.Equal(model.Network.InputShape, read.Network.InputShape);
        Assert.Equal(model.Network.Layers.AsEnumerable(), read.Network.Layers.AsEnumerable());
        Assert.Equal(model.EmbeddingLayer, read.EmbeddingLayer);
        Assert.Equal(model.Metadata, read.Metadata);
        if (!halves)
        {
            Assert.Null(StateDictComparison.FirstDifference(model.Weights, read.Weights));
            Assert.Equal(model.Id, read.Id);
        }
    }

    private static void RequireSameByGraph(Network network, int seed)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, network, NetworkData.Weights(network, seed), [network.Layers[^1].Name]);
        double[] input = [.. Enumerable.Range(0, network.InputShape.Length).Select(i => Math.Sin(i))];
        double[] expected = new ReferenceInterpreter(network, NetworkData.Weights(network, seed)).Forward(input, 1, training: false)[^1];
        Model read;
        try
        {
            read = OnnxFile.Read(new MemoryStream(stream.ToArray()));
        }
        catch (ModelFormatException exception) when (exception.Message.Contains("the output is the input", StringComparison.Ordinal))
        {
            // Padding by nothing and the like are no layers.
            Assert.Equal(input, expected);
            return;
        }

        Assert.Equal(network.OutputShape.Length, read.Network.OutputShape.Length);
        double[] found = new ReferenceInterpreter(read.Network, read.Weights).Forward(input, 1, training: false)[^1];
        Assert.InRange(NetworkData.Distance(expected, found), 0, 1e-6);
    }

    private static byte[] Deflated(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(stream, System.IO.Compression.CompressionLevel.Fastest))
        {
            deflate.Write(bytes);
        }

        return stream.ToArray();
    }
}
