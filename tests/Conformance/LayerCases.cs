using SimNet.Models;

namespace SimNet.Conformance;

/// <summary>
/// Small networks that every back end is tested with; each covers one layer with settings that a back end could get wrong.
/// </summary>
public static class LayerCases
{
    private static readonly Dictionary<string, Network> Cases = Create().ToDictionary(network => network.Name);

    public static TheoryData<string> Names { get; } = [.. Cases.Keys];

    public static Network Get(string name) => Cases[name];

    private static IEnumerable<Network> Create()
    {
        // Convolutions: kernel size, stride, padding, dilation, groups.
        yield return Of("conv 1x1", 5, 7, 9, new Conv2d("c", 6, 1));
        yield return Of("conv 3x3", 4, 8, 9, new Conv2d("c", 18, 3) { Padding = 1 });
        yield return Of("conv 3x3 to few channels", 16, 9, 8, new Conv2d("c", 2, 3) { Padding = 1 });
        yield return Of("conv 7x7, stride 2", 3, 19, 18, new Conv2d("c", 9, 7) { Stride = 2, Padding = 3 });
        yield return Of("conv 1x7", 3, 6, 11, new Conv2d("c", 5, new Size2d(1, 7)) { Padding = new Padding2d(0, 3, 0, 3) });
        yield return Of("conv 4x2, stride 3x1", 3, 11, 6, new Conv2d("c", 5, new Size2d(4, 2)) { Stride = new Size2d(3, 1) });
        yield return Of("conv, asymmetric padding", 3, 6, 7, new Conv2d("c", 4, 3) { Stride = 2, Padding = new Padding2d(0, 1, 2, 3) });
        yield return Of("conv, dilated", 3, 12, 11, new Conv2d("c", 4, 3) { Dilation = new Size2d(2, 3), Padding = 2 });
        yield return Of("conv, dilated, stride 2", 4, 13, 12, new Conv2d("c", 6, 3) { Dilation = 2, Stride = 2, Padding = 1, Groups = 2 });
        yield return Of("conv of the whole feature map", 5, 4, 6, new Conv2d("c", 7, new Size2d(4, 6)));
        yield return Of("conv without bias", 4, 6, 6, new Conv2d("c", 5, 3) { HasBias = false });
        yield return Of("conv in groups", 6, 7, 8, new Conv2d("c", 9, 3) { Groups = 3, Padding = 1 });
        yield return Of("conv in wide groups", 36, 5, 5, new Conv2d("c", 40, 3) { Groups = 2, Padding = 1, HasBias = false });
        yield return Of("conv depthwise 3x3", 19, 9, 8, new Conv2d("c", 19, 3) { Groups = 19, Padding = 1 });
        yield return Of(
            "conv depthwise 5x5, stride 2", 33, 11, 10, new Conv2d("c", 33, 5) { Groups = 33, Stride = 2, Padding = 2, HasBias = false });
        yield return Of(
            "conv depthwise, multiplier 2", 7, 8, 7, new Conv2d("c", 14, 3) { Groups = 7, Padding = new Padding2d(1, 0, 1, 2) });
        yield return Of("conv depthwise, dilated", 16, 12, 12, new Conv2d("c", 16, 3) { Groups = 16, Dilation = 2, Padding = 2 });
        yield return Of(
            "conv, norm, ReLU",
            4,
            8,
            8,
            new Conv2d("c", 8, 3) { HasBias = false, Padding = 1 },
            new BatchNorm2d("n") { Epsilon = 1e-3f },
            new Relu("a"));
        yield return Of(
            "conv depthwise, norm, clip",
            12,
            8,
            8,
            new Conv2d("c", 12, 3) { HasBias = false, Padding = 1, Groups = 12 },
            new BatchNorm2d("n"),
            new Clip("a"));

        // Transposed convolutions.
        yield return Of("transposed 3x3, stride 2", 4, 5, 6, new ConvTranspose2d("t", 5, 3) { Stride = 2, Padding = 1, OutputPadding = 1 });
        yield return Of("transposed 2x2, stride 2", 4, 5, 6, new ConvTranspose2d("t", 3, 2) { Stride = 2 });
        yield return Of(
            "transposed 2x5, stride 1x3",
            3,
            4,
            5,
            new ConvTranspose2d("t", 4, new Size2d(2, 5))
            {
                Stride = new Size2d(1, 3),
                Padding = new Padding2d(0, 1, 0, 1),
                OutputPadding = new Size2d(0, 2),
            });
        yield return Of(
            "transposed, asymmetric padding", 3, 5, 5, new ConvTranspose2d("t", 4, 4) { Stride = 2, Padding = new Padding2d(0, 1, 2, 3) });
        yield return Of("transposed in groups", 6, 5, 5, new ConvTranspose2d("t", 9, 3) { Stride = 2, Groups = 3, HasBias = false });
        yield return Of("transposed, dilated", 3, 5, 5, new ConvTranspose2d("t", 4, 3) { Dilation = 2, Stride = 2, Padding = 1 });
        yield return Of(
            "transposed, norm",
            4,
            5,
            5,
            new ConvTranspose2d("t", 6, 3) { Stride = 2, Groups = 2 },
            new BatchNorm2d("n"),
            new LeakyRelu("a"));

        // Pooling.
        yield return Of("max pool", 5, 8, 9, new MaxPool2d("p", 2));
        yield return Of("max pool, padded", 5, 9, 8, new MaxPool2d("p", 3) { Stride = 2, Padding = 1 });
        yield return Of(
            "max pool, asymmetric padding",
            5,
            9,
            8,
            new MaxPool2d("p", new Size2d(3, 2)) { Stride = new Size2d(2, 1), Padding = new Padding2d(0, 1, 2, 1) });
        yield return Of("max pool, ceiling", 5, 9, 10, new MaxPool2d("p", 3) { Stride = 2, CeilMode = true });
        yield return Of("max pool, ceiling, padded", 5, 8, 6, new MaxPool2d("p", 3) { Stride = 3, Padding = 1, CeilMode = true });
        yield return Of("max pool, ceiling, last window dropped", 5, 4, 7, new MaxPool2d("p", 2) { Stride = 3, CeilMode = true });
        yield return Of("average pool", 5, 8, 9, new AveragePool2d("p", 2));
        yield return Of("average pool, padding counts", 5, 8, 9, new AveragePool2d("p", 3) { Stride = 2, Padding = 1 });
        yield return Of(
            "average pool, padding does not count",
            5,
            8,
            9,
            new AveragePool2d("p", 3) { Stride = 2, Padding = 1, CountIncludePadding = false });
        yield return Of("average pool, ceiling", 5, 8, 10, new AveragePool2d("p", 3) { Stride = 2, CeilMode = true });
        yield return Of(
            "average pool, ceiling, padding counts",
            5,
            8,
            10,
            new AveragePool2d("p", new Size2d(3, 4)) { Stride = 3, Padding = 1, CeilMode = true });
        yield return Of(
            "average pool, ceiling, padding does not count",
            5,
            8,
            6,
            new AveragePool2d("p", 3) { Stride = 2, Padding = new Padding2d(1, 0, 1, 2), CeilMode = true, CountIncludePadding = false });
        yield return Of("global average", 5, 6, 7, new GlobalAveragePool2d("p"));

        // Elementwise layers, and layers across channels.
        yield return Of("ReLU", 5, 6, 7, new Relu("a"));
        yield return Of("leaky ReLU", 5, 6, 7, new LeakyRelu("a") { NegativeSlope = 0.3f });
        yield return Of("leaky ReLU, negative slope", 5, 6, 7, new LeakyRelu("a") { NegativeSlope = -0.5f });
        yield return Of("sigmoid", 5, 6, 7, new Sigmoid("a"));
        yield return Of("SiLU", 5, 6, 7, new Silu("a"));
        yield return Of("hard sigmoid", 5, 6, 7, new HardSigmoid("a"));
        yield return Of("hard sigmoid, steep", 5, 6, 7, new HardSigmoid("a") { Alpha = 0.9f, Beta = 0.2f });
        yield return Of("hard swish", 5, 6, 7, new HardSwish("a"));
        yield return Of("clip", 5, 6, 7, new Clip("a") { Minimum = -0.4f, Maximum = 0.7f });
        yield return Of("GELU", 5, 6, 7, new Gelu("a"));
        yield return Of("cube", 5, 6, 7, new Power("a") { Exponent = 3 });
        yield return Of(
            "generalized mean pooling",
            17,
            4,
            5,
            new Clip("least") { Minimum = 0.01f, Maximum = 10 },
            new Power("power") { Exponent = 2.7f },
            new GlobalAveragePool2d("mean"),
            new Power("root") { Exponent = 1 / 2.7f });
        yield return Of("parametric ReLU", 19, 6, 7, new PRelu("a"));
        yield return Of("conv, parametric ReLU", 3, 6, 7, new Conv2d("c", 18, 3), new PRelu("a"), new Conv2d("d", 2, 1));
        yield return Of("layer norm", 19, 4, 3, new LayerNorm2d("n") { Epsilon = 1e-3f });
        yield return Of("layer norm of a vector", 21, 1, 1, new LayerNorm2d("n"), new Conv2d("c", 3, 1));
        yield return Of("unit length", 19, 4, 3, new L2Normalization("n"));
        yield return Of("unit length of short vectors", 3, 4, 3, new L2Normalization("n") { Epsilon = 1.5f });
        yield return Of("log softmax of a vector", 11, 1, 1, new LogSoftmax("a"));
        yield return Of("log softmax of a feature map", 5, 4, 3, new LogSoftmax("a"));
        yield return Of("flatten", 5, 4, 3, new Flatten("f"), new Conv2d("c", 7, 1));
        yield return Of("channel shuffle", 12, 4, 3, new ChannelShuffle("s") { Groups = 3 }, new Conv2d("c", 6, 3) { Groups = 3 });
        yield return Of("slice of channels", 9, 4, 3, new Slice("s") { FirstChannel = 2, Channels = 5 });
        yield return Of(
            "slice of pixels",
            3,
            9,
            8,
            new Slice("s") { FirstChannel = 1, Crop = new Padding2d(1, 2, 0, 1), Step = new Size2d(3, 2) },
            new Relu("a"));
        yield return Of(
            "halves, shuffled",
            8,
            5,
            4,
            new Slice("left") { Channels = 4 },
            new Slice("right") { FirstChannel = 4, Inputs = [Network.InputName] },
            new Conv2d("conv", 4, 1),
            new Concat("join") { Inputs = ["left", "conv"] },
            new ChannelShuffle("shuffle"));
        yield return Of("softmax of a vector", 11, 1, 1, new Softmax("a"));
        yield return Of("softmax of a feature map", 5, 4, 3, new Softmax("a"));
        yield return Of("norm", 7, 5, 4, new BatchNorm2d("n") { Epsilon = 0.01f });
        yield return Of("dropout", 5, 4, 4, new Dropout("d"));
        yield return Of("zero padding", 3, 4, 5, new ZeroPad2d("z") { Padding = new Padding2d(1, 2, 3, 0) });

        yield return Of(
            "zero padding, average pool of small windows",
            3,
            4,
            5,
            new ZeroPad2d("z") { Padding = new Padding2d(2, 2, 0, 0) },
            new AveragePool2d("p", 2) { CountIncludePadding = false });
        yield return Of("zero padding, max pool", 3, 4, 5, new ZeroPad2d("z") { Padding = 1 }, new MaxPool2d("p", 3) { Stride = 2 });

        // Branches.
        yield return Of("residual", 6, 7, 8,
            new Conv2d("a", 6, 3) { Padding = 1, HasBias = false }, new BatchNorm2d("a.norm"), new Relu("a.relu"),
            new Conv2d("b", 6, 3) { Padding = 1 }, new BatchNorm2d("b.norm"),
            new Add("sum") { Inputs = ["b.norm", Network.InputName] }, new Relu("out"));
        yield return Of("sum of three", 4, 6, 6,
            new Conv2d("a", 4, 1), new Sigmoid("b") { Inputs = [Network.InputName] }, new Add("sum") { Inputs = ["a", "b", "a"] });
        yield return Of("squeeze and excite", 6, 7, 8,
            new Conv2d("a", 8, 3) { Padding = 1 }, new Silu("a.silu"), new GlobalAveragePool2d("squeeze"), new Conv2d("down", 2, 1),
            new Relu("down.relu"),
            new Conv2d("up", 8, 1), new HardSigmoid("gate"), new Multiply("scale") { Inputs = ["a.silu", "gate"] },
            new Conv2d("out", 5, 1));
        yield return Of(
            "product of two feature maps",
            4,
            6,
            6,
            new Conv2d("a", 4, 3) { Padding = 1 },
            new Sigmoid("b") { Inputs = [Network.InputName] },
            new Multiply("m") { Inputs = ["a", "b"] });
        yield return Of("fire", 5, 9, 9,
            new Conv2d("squeeze", 4, 1), new Relu("squeeze.relu"), new Conv2d("e1", 6, 1), new Relu("e1.relu"),
            new Conv2d("e3", 7, 3) { Padding = 1, Inputs = ["squeeze.relu"] }, new Relu("e3.relu"),
            new Concat("join") { Inputs = ["e1.relu", "e3.relu"] },
            new MaxPool2d("pool", 3) { Stride = 2, CeilMode = true });
        yield return Of("dense", 4, 6, 6,
            new BatchNorm2d("n1"), new Relu("r1"), new Conv2d("c1", 3, 3) { Padding = 1, HasBias = false },
            new Concat("j1") { Inputs = [Network.InputName, "c1"] }, new BatchNorm2d("n2"), new Relu("r2"),
            new Conv2d("c2", 3, 3) { Padding = 1, HasBias = false },
            new Concat("j2") { Inputs = ["j1", "c2"] }, new AveragePool2d("p", 2));
        yield return Of(
            "concatenation with repeated inputs",
            3,
            4,
            4,
            new Conv2d("a", 4, 1),
            new Concat("j") { Inputs = ["a", "a", Network.InputName] });
        yield return Of(
            "pool of activations",
            4,
            8,
            8,
            new Conv2d("c", 6, 3),
            new LeakyRelu("a") { NegativeSlope = 0.1f },
            new MaxPool2d("p", 3) { Stride = 2, Padding = 1 });
    }

    private static Network Of(string name, int channels, int height, int width, params Layer[] layers)
        => new(name, new Shape(channels, height, width), layers);
}
