using System.Text.Json;

namespace SimNet.Compute.Tests;

/// <summary>
/// Training steps and evaluation against PyTorch, from the files written by Golden/generate_compute.py. Tolerances, relative to the
/// largest value of the tensor: 1e-5 for losses and outputs, 3e-5 for outputs after the last step (the division in Adam amplifies the
/// rounding of small gradients), 5e-5 for parameters and running statistics.
/// </summary>
public sealed class GoldenTests
{
    private static readonly Network Small = new("small", new Shape(2, 7, 6),
    [
        new Conv2d("0", 4, 3) { Padding = 1 }, new LeakyRelu("1") { NegativeSlope = 0.01f }, new BatchNorm2d("2"), new MaxPool2d("3", 2),
        new ConvTranspose2d("4", 3, 4) { Stride = 2, Padding = 1 }, new Sigmoid("5"),
    ]);

    private static readonly Network Fire = new("fire", new Shape(3, 9, 8),
    [
        new Conv2d("squeeze", 5, 1), new BatchNorm2d("norm") { Epsilon = 1e-3f, Momentum = 0.3f },
        new LeakyRelu("act") { NegativeSlope = 0.1f },
        new Conv2d("left", 6, 1), new Relu("left.act"), new Conv2d("right", 7, 3) { Padding = 1, Inputs = ["act"] }, new Relu("right.act"),
        new Concat("cat") { Inputs = ["left.act", "right.act", "act"] }, new MaxPool2d("pool", 3) { Stride = 2 },
        new Conv2d("out", 2, 2) { Stride = 2 }, new Sigmoid("sigmoid"),
    ]);

    private static readonly Network Classes = new("classes", new Shape(3, 8, 9),
    [
        new Conv2d("0", 6, 3), new Relu("1"), new MaxPool2d("2", 3) { Stride = 2, CeilMode = true }, new Conv2d("3", 5, 1),
        new GlobalAveragePool2d("4"),
    ]);

    private static readonly Network Residual = new("residual", new Shape(4, 9, 8),
    [
        new Conv2d("conv1", 8, 3) { Stride = 2, Padding = 1, Groups = 2, HasBias = false }, new BatchNorm2d("norm1"), new Relu("relu1"),
        new Conv2d("conv2", 8, new Size2d(1, 3))
        {
            Padding = new Padding2d(0, 2, 0, 2), Dilation = new Size2d(1, 2), Groups = 4, HasBias = false,
        },
        new BatchNorm2d("norm2"),
        new Conv2d("shortcut", 8, 1) { Stride = 2, HasBias = false, Inputs = ["input"] }, new BatchNorm2d("norm3"),
        new Add("add") { Inputs = ["norm2", "norm3"] }, new Relu("relu2"), new Conv2d("out", 3, new Size2d(2, 1)), new Sigmoid("sigmoid"),
    ]);

    private static readonly Network Mobile = new("mobile", new Shape(3, 9, 7),
    [
        new Conv2d("expand", 20, 1) { HasBias = false }, new BatchNorm2d("norm1"), new HardSwish("act1"),
        new Conv2d("depthwise", 20, 5) { Stride = 2, Padding = 2, Groups = 20, HasBias = false }, new BatchNorm2d("norm2"),
        new HardSwish("act2"),
        new GlobalAveragePool2d("squeeze"), new Conv2d("fc1", 6, 1), new Relu("relu"), new Conv2d("fc2", 20, 1), new HardSigmoid("gate"),
        new Multiply("excite") { Inputs = ["act2", "gate"] },
        new Conv2d("project", 5, 1) { HasBias = false }, new BatchNorm2d("norm3"), new Conv2d("again", 5, 3) { Padding = 1, Groups = 5 },
        new Silu("act3"),
        new Add("add") { Inputs = ["norm3", "act3"] }, new Clip("relu6"), new Conv2d("out", 2, 1),
    ]);

    private static readonly Network Pools = new("pools", new Shape(2, 14, 13),
    [
        new Conv2d("conv1", 6, 3), new AveragePool2d("average1", 3) { Stride = 2, Padding = 1, CeilMode = true },
        new ZeroPad2d("pad") { Padding = new Padding2d(0, 1, 2, 0) },
        new Conv2d("conv2", 6, new Size2d(1, 2)),
        new AveragePool2d("average2", new Size2d(2, 3))
        {
            Stride = new Size2d(1, 2), Padding = 1, CeilMode = true, CountIncludePadding = false,
        },
        new LeakyRelu("leaky") { NegativeSlope = 0.2f }, new MaxPool2d("largest", 3) { Stride = 2, Padding = 1, CeilMode = true },
        new ConvTranspose2d("up", 9, new Size2d(3, 2))
        {
            Stride = new Size2d(2, 3), Padding = new Padding2d(1, 0, 1, 0), OutputPadding = new Size2d(1, 2), Groups = 3,
            Dilation = new Size2d(1, 2), HasBias = false,
        },
        new Softmax("softmax"),
    ]);

    [Theory]
    [InlineData("autoencoder-adam", VectorWidth.Auto)]
    [InlineData("autoencoder-adam", VectorWidth.Scalar)]
    [InlineData("small-adam-decay", VectorWidth.Auto)]
    [InlineData("small-sgd", VectorWidth.Auto)]
    [InlineData("small-sgd-momentum-decay-bce", VectorWidth.Auto)]
    [InlineData("small-sgd-momentum-decay-bce", VectorWidth.Scalar)]
    [InlineData("fire-sgd-momentum", VectorWidth.Auto)]
    [InlineData("fire-adam-bce", VectorWidth.Auto)]
    [InlineData("fire-adamw", VectorWidth.Auto)]
    [InlineData("fire-adamw-kernels-only", VectorWidth.Auto)]
    [InlineData("fire-adamw-kernels-only", VectorWidth.Scalar)]
    [InlineData("fire-sgd-kernels-only", VectorWidth.Auto)]
    [InlineData("fire-sgd-clipped", VectorWidth.Auto)]
    [InlineData("fire-frozen-below", VectorWidth.Auto)]
    [InlineData("fire-frozen-between", VectorWidth.Auto)]
    [InlineData("fire-frozen-between", VectorWidth.Scalar)]
    [InlineData("classes-sgd-cross-entropy", VectorWidth.Auto)]
    [InlineData("classes-adam-cross-entropy-smooth-weighted", VectorWidth.Auto)]
    [InlineData("classes-adam-cross-entropy-smooth-weighted", VectorWidth.Scalar)]
    [InlineData("residual-sgd-momentum", VectorWidth.Auto)]
    [InlineData("residual-sgd-momentum", VectorWidth.Scalar)]
    [InlineData("mobile-sgd-momentum", VectorWidth.Auto)]
    [InlineData("mobile-sgd-momentum", VectorWidth.Scalar)]
    [InlineData("mobile-frozen", VectorWidth.Auto)]
    [InlineData("pools-sgd", VectorWidth.Auto)]
    [InlineData("pools-sgd", VectorWidth.Scalar)]
    public void Steps_and_running_statistics_match_PyTorch(string name, VectorWidth width)
    {
        (Network network, int count, float rate, TrainingSessionOptions options) = name switch
        {
            "autoencoder-adam" => (DenoisingAutoencoder.Create(size: 16), 2, 1e-3f, new TrainingSessionOptions()),
            "small-adam-decay" => (Small, 3, 1e-2f, new TrainingSessionOptions
            {
                Optimizer = new Adam { Beta1 = 0.8f, Beta2 = 0.95f, Epsilon = 1e-5f, WeightDecay = 0.05f },
            }),
            "small-sgd" => (Small, 3, 0.1f, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0 } }),
            "small-sgd-momentum-decay-bce" => (Small, 3, 0.1f, new TrainingSessionOptions
            {
                Loss = Loss.BinaryCrossEntropy,
                Optimizer = new Sgd { WeightDecay = 0.02f },
            }),
            "fire-sgd-momentum" => (Fire, 2, 0.2f, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f } }),
            "fire-adam-bce" => (
                Fire, 2, 1e-2f, new TrainingSessionOptions { Loss = Loss.BinaryCrossEntropy, Optimizer = new Adam { Epsilon = 1e-3f } }),
            "fire-adamw" => (
                Fire,
                2,
                1e-2f,
                new TrainingSessionOptions { Optimizer = new Adam { Epsilon = 1e-3f, WeightDecay = 0.5f, DecoupledWeightDecay = true } }),
            "fire-adamw-kernels-only" => (Fire, 2, 1e-2f, new TrainingSessionOptions
            {
                Optimizer = new Adam { Epsilon = 1e-3f, WeightDecay = 0.5f, DecoupledWeightDecay = true, DecayKernelsOnly = true },
            }),
            "fire-sgd-kernels-only" => (
                Fire,
                2,
                0.2f,
                new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f, WeightDecay = 0.1f, DecayKernelsOnly = true } }),
            "fire-sgd-clipped" => (
                Fire, 2, 0.2f, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f }, MaxGradientNorm = 0.02f }),
            "fire-frozen-below" => (
                Fire,
                2,
                1e-2f,
                new TrainingSessionOptions { Optimizer = new Adam { Epsilon = 1e-3f }, FrozenLayers = ["squeeze", "norm"] }),
            "fire-frozen-between" => (
                Fire, 2, 1e-2f, new TrainingSessionOptions { Optimizer = new Adam { Epsilon = 1e-3f }, FrozenLayers = ["norm", "right"] }),
            "classes-sgd-cross-entropy" => (
                Classes, 4, 0.1f, new TrainingSessionOptions { Loss = Loss.CrossEntropy, Optimizer = new Sgd() }),
            "classes-adam-cross-entropy-smooth-weighted" => (Classes, 4, 1e-2f, new TrainingSessionOptions
            {
                Loss = new CrossEntropy { LabelSmoothing = 0.1f, ClassWeights = [0.5f, 2, 1, 0, 1.25f] },
            }),
            "residual-sgd-momentum" => (Residual, 3, 0.2f, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f } }),
            "mobile-sgd-momentum" => (Mobile, 3, 0.1f, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f } }),
            "mobile-frozen" => (
                Mobile,
                3,
                0.1f,
                new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f }, FrozenLayers = ["depthwise", "norm2", "fc1"] }),
            "pools-sgd" => (Pools, 2, 0.5f, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0.8f } }),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(GoldenFile.Find("SimNet.Compute.Tests", $"{name}.json")));
        JsonElement root = golden.RootElement;
        using ITrainingSession session = new ManagedBackend(new ManagedBackendOptions { VectorWidth = width })
            .CreateTrainingSession(network, NetworkData.HashedWeights(network), options);
        float[] input = [];
        float[] target = [];
        var output = new float[count * network.OutputShape.Length];
        for (int step = 0; step < root.GetProperty("losses").GetArrayLength(); step++)
        {
            input = NetworkData.Noise(count * network.InputShape.Length, 1000 + step);
            target = NetworkData.Noise(output.Length, 2000 + step);
            float loss = session.TrainStep(input, target, count, rate * (1 - 0.1f * step), output);
            Assert.Equal(root.GetProperty("losses")[step].GetDouble(), loss, 1e-5);
            AssertClose(root.GetProperty("outputs")[step], output, 1e-5, $"output of step {step}");
        }

        StateDict weights = session.ExportWeights();
        int every = root.GetProperty("every").GetInt32();
        for (int i = 0; i < network.Parameters.Length; i++)
        {
            string parameter = network.Parameters[i].Name;
            AssertClose(
                root.GetProperty("parameters")[i], weights[parameter].Values.ToArray().Where((_, k) => k % every == 0), 5e-5, parameter);
        }

        float evaluated = session.Evaluate(input, target, count, output);
        Assert.Equal(root.GetProperty("evaluation_loss").GetDouble(), evaluated, 1e-5);
        AssertClose(root.GetProperty("evaluation_output"), output, 3e-5, "evaluation output");
    }

    private static void AssertClose(JsonElement expected, IEnumerable<float> actual, double tolerance, string what)
    {
        double distance = NetworkData.Distance(
            expected.EnumerateArray().Select(v => v.GetDouble()), actual.Select(v => (double)v), floor: 0.01);
        Assert.True(distance < tolerance, $"{what} is off by {distance:E1}");
    }
}
