using System.Text.Json;

namespace SimNet.Models.Tests;

public class SqueezeNetTests
{
    /// <summary>Table 1 of the SqueezeNet paper: output size and parameter count of each module before pruning.</summary>
    private static readonly (string Module, string LastLayer, int Size, int Channels, int Parameters)[] Table1 =
    [
        ("features.0", "features.0", 111, 96, 14_208), ("features.2", "features.2", 55, 96, 0),
        ("features.3", "features.3", 55, 128, 11_920), ("features.4", "features.4", 55, 128, 12_432),
        ("features.5", "features.5", 55, 256, 45_344), ("features.6", "features.6", 27, 256, 0),
        ("features.7", "features.7", 27, 256, 49_440), ("features.8", "features.8", 27, 384, 104_880),
        ("features.9", "features.9", 27, 384, 111_024), ("features.10", "features.10", 27, 512, 188_992),
        ("features.11", "features.11", 13, 512, 0), ("features.12", "features.12", 13, 512, 197_184),
        ("classifier.1", "classifier.1", 13, 1000, 513_000), ("classifier.3", "classifier.3", 1, 1000, 0),
    ];

    [Fact]
    public void Sizes_and_parameters_match_table_1_of_the_paper()
    {
        // A size of 227 without padding gives 111, as in the authors' files; the text of the paper says 224.
        Network network = SqueezeNet.Create(SqueezeNetVersion.V1_0, size: 227);
        foreach ((string module, string lastLayer, int size, int channels, int parameters) in Table1)
        {
            Assert.Equal((module, new Shape(channels, size, size)), (module, network.OutputShapes[network.IndexOf(lastLayer)]));
            Assert.Equal((module, parameters), (module, ParametersOf(network, module)));
        }

        Assert.Equal(1_248_424, network.ParameterCount);
        Assert.Equal(Table1.Sum(row => row.Parameters), network.ParameterCount);
    }

    [Fact]
    public void Feature_maps_at_224_match_torchvision()
    {
        AssertSizes(
            SqueezeNet.Create(SqueezeNetVersion.V1_0),
            "squeezenet1_0",
            1_248_424,
            ("features.0", 109),
            ("features.2", 54),
            ("features.6", 27),
            ("features.11", 13));
        AssertSizes(
            SqueezeNet.Create(SqueezeNetVersion.V1_1),
            "squeezenet1_1",
            1_235_496,
            ("features.0", 111),
            ("features.2", 55),
            ("features.5", 27),
            ("features.8", 13));

        // Adds scale, shift, mean, and variance of each channel with batch norm.
        Network normed = SqueezeNet.CreateESimNet(1000);
        AssertSizes(
            normed,
            "esimnet",
            1_248_424 + 4 * normed.Layers.OfType<Conv2d>().SkipLast(1).Sum(c => c.OutChannels),
            ("features.0", 109),
            ("features.2", 54),
            ("features.6", 27),
            ("features.11", 13));
        Assert.All(normed.Layers.OfType<LeakyRelu>(), relu => Assert.Equal(0.001f, relu.NegativeSlope));

        static void AssertSizes(Network network, string name, int parameters, params (string Layer, int Size)[] sizes)
        {
            Assert.Equal(name, network.Name);
            Assert.Equal(parameters, network.ParameterCount);
            Assert.All(sizes, s => Assert.Equal(s, (s.Layer, network.OutputShapes[network.IndexOf(s.Layer)].Width)));
            Assert.Equal(new Shape(512, 13, 13), network.OutputShapes[network.IndexOf("features.12")]);
            Assert.Equal(new Shape(512, 1, 1), network.OutputShapes[network.IndexOf(SqueezeNet.EmbeddingLayer)]);
            Assert.Equal(new Shape(1000, 1, 1), network.OutputShape);
        }
    }

    [Fact]
    public void Parameters_have_the_names_of_torchvision()
    {
        string[] names = [.. SqueezeNet.Create(SqueezeNetVersion.V1_0).Parameters.Select(p => p.Name)];
        Assert.Equal(
            [
                "features.0.weight",
                "features.0.bias",
                "features.3.squeeze.weight",
                "features.3.squeeze.bias",
                "features.3.expand1x1.weight",
                "features.3.expand1x1.bias",
                "features.3.expand3x3.weight",
            ],
            names[..7]);
        Assert.Equal(["features.12.expand3x3.bias", "classifier.1.weight", "classifier.1.bias"], names[^3..]);
        Assert.Equal(
            names,
            SqueezeNet.CreateESimNet(7).Parameters.Where(p => !p.Name.Contains(".norm.", StringComparison.Ordinal)).Select(p => p.Name));
        string[] ofTheOther = [.. SqueezeNet.Create(SqueezeNetVersion.V1_1).Parameters.Select(p => p.Name)];
        Assert.Equal(names.Length, ofTheOther.Length);
        Assert.Equal(
            ofTheOther,
            SqueezeNet.CreateESimNet(SqueezeNetVersion.V1_1, 7).Parameters
                .Where(p => !p.Name.Contains(".norm.", StringComparison.Ordinal))
                .Select(p => p.Name));
    }

    [Theory]
    [InlineData(SqueezeNetVersion.V1_0, "esimnet")]
    [InlineData(SqueezeNetVersion.V1_1, "esimnet1_1")]
    public void ESimNet_has_batch_norm_and_leaky_ReLU_after_each_feature_convolution(SqueezeNetVersion version, string name)
    {
        Network network = SqueezeNet.CreateESimNet(version, 10);
        Assert.Equal(name, network.Name);
        int[] convolutions = [.. Enumerable.Range(0, network.Layers.Length).Where(i => network.Layers[i] is Conv2d)];
        Assert.Equal(26, convolutions.Length);
        Assert.All(convolutions[..^1], i =>
        {
            Assert.Equal($"{network.Layers[i].Name}.norm", Assert.IsType<BatchNorm2d>(network.Layers[i + 1]).Name);
            Assert.IsType<LeakyRelu>(network.Layers[i + 2]);
        });
        Assert.IsType<GlobalAveragePool2d>(network.Layers[convolutions[^1] + 1]);
    }

    [Fact]
    public void Invalid_classes_sizes_and_versions_throw_naming_the_argument()
    {
        Assert.Equal("classes", Assert.Throws<ArgumentOutOfRangeException>(() => SqueezeNet.CreateESimNet(0)).ParamName);
        Assert.Equal(
            "size", Assert.Throws<ArgumentOutOfRangeException>(() => SqueezeNet.Create(SqueezeNetVersion.V1_1, size: 31)).ParamName);
        Assert.Equal("version", Assert.Throws<ArgumentOutOfRangeException>(() => SqueezeNet.Create((SqueezeNetVersion)2)).ParamName);
        Assert.Equal(
            "version", Assert.Throws<ArgumentOutOfRangeException>(() => SqueezeNet.CreateESimNet((SqueezeNetVersion)2, 10)).ParamName);
        Assert.Equal(new Shape(2, 1, 1), SqueezeNet.Create(SqueezeNetVersion.V1_1, classes: 2, size: 32).OutputShape);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Both_variants_learn_to_classify_images_from_scratch(bool normed)
    {
        Network network = normed ? SqueezeNet.CreateESimNet(2, 32) : SqueezeNet.Create(SqueezeNetVersion.V1_1, 2, 32);
        using ITrainingSession session = new ManagedBackend().CreateTrainingSession(
            network,
            WeightInitialization.Create(network, 1, WeightInitializer.HeNormal),
            new TrainingSessionOptions { Loss = Loss.CrossEntropy });
        const int Count = 16;
        float[] images = new float[Count * 3 * 32 * 32], targets = new float[Count * 2];
        var random = new SeededRandom(5);
        float first = 0, last = 0;
        for (int step = 0; step < 40; step++)
        {
            // Horizontal or vertical stripes of random width and phase.
            Array.Clear(targets);
            for (int n = 0; n < Count; n++)
            {
                targets[n * 2 + n % 2] = 1;
                double width = 0.5 + random.NextDouble(), phase = 6 * random.NextDouble();
                for (int i = 0; i < 3 * 32 * 32; i++)
                {
                    images[n * 3 * 32 * 32 + i] = (float)Math.Sin(phase + width * (n % 2 == 0 ? i % 32 : i / 32 % 32));
                }
            }

            last = session.TrainStep(images, targets, Count, normed ? 1e-3f : 3e-4f);
            first = step == 0 ? last : first;
        }

        Assert.InRange(last, 0, 0.3f);
        Assert.True(first > 0.5f, $"{first}");
    }

    [SkippableFact]
    public void ImageNet_weights_give_the_outputs_of_PyTorch()
    {
        StateDict weights = SafetensorsFile.Read(
            TestData.Require(Path.Combine("squeezenet", "squeezenet1_1-imagenet.safetensors"))).Tensors;
        Network network = SqueezeNet.Create(SqueezeNetVersion.V1_1);
        var model = new Model(network, weights, SqueezeNet.EmbeddingLayer);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(GoldenFile.Find("SimNet.Models.Tests", "squeezenet1_1.json")));
        float[] logits = new float[1000], embedding = new float[512];
        using IInferenceSession session = new ManagedBackend().CreateInferenceSession(
            model.Network, model.Weights, ["classifier.3", SqueezeNet.EmbeddingLayer]);

        session.Run(CreateImage(), 1, [logits, embedding]);

        Assert.InRange(NetworkData.Distance(Values("logits"), NetworkData.ToDouble(logits)), 0, 1e-4);
        Assert.InRange(NetworkData.Distance(Values("embedding"), NetworkData.ToDouble(embedding)), 0, 1e-4);
        Assert.Equal(Values("top5").Select(v => (int)v), Enumerable.Range(0, 1000).OrderByDescending(c => logits[c]).Take(5));

        IEnumerable<double> Values(string name) => golden.RootElement.GetProperty(name).EnumerateArray().Select(v => v.GetDouble());
    }

    /// <summary>Creates the image of generate_squeezenet.py.</summary>
    private static float[] CreateImage()
    {
        var image = new float[3 * 224 * 224];
        for (int i = 0; i < image.Length; i++)
        {
            int c = i / (224 * 224), y = i / 224 % 224, x = i % 224;
            image[i] = (float)(2 * Math.Sin(0.05 * (c + 1) * x) * Math.Cos(0.03 * (y + 7 * c)));
        }

        return image;
    }

    private static int ParametersOf(Network network, string module) =>
        network.Parameters.Where(p => p.Name.StartsWith(module + '.', StringComparison.Ordinal)).Sum(p => p.Count);
}
