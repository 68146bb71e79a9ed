namespace SimNet.Models.Tests;

/// <summary>Small networks for tests.</summary>
internal static class SampleNetworks
{
    /// <summary>
    /// A network with every kind of layer and no default settings. Append new kinds; tests contain the JSON of the others.
    /// </summary>
    public static Network EveryKind { get; } = new("every kind", new Shape(2, 12, 10),
    [
        new Conv2d("a.conv", 4, 3) { Stride = 2, Padding = 1 },
        new BatchNorm2d("a.norm") { Epsilon = 0.001f, Momentum = 0.25f },
        new LeakyRelu("a.leaky") { NegativeSlope = 0.001f },
        new MaxPool2d("pool", 3) { Stride = 1, Inputs = ["a.norm"] },
        new ConvTranspose2d("up", 3, 3) { Stride = 2, Padding = 1, OutputPadding = 1 },
        new Relu("relu"),
        new Conv2d("side \"ä\"", 1, 1) { Inputs = ["relu"] },
        new Concat("join") { Inputs = ["relu", "side \"ä\"", "up"] },
        new Sigmoid("sigmoid"),
        new MaxPool2d("pool.ceil", 3) { Stride = 2, CeilMode = true },
        new Dropout("dropout") { Rate = 0.25f },
        new GlobalAveragePool2d("average"),
        new Conv2d("wide", 6, new Size2d(1, 3))
        {
            Stride = new Size2d(1, 2),
            Padding = new Padding2d(0, 1, 2, 3),
            Dilation = new Size2d(1, 2),
            Groups = 3,
            HasBias = false,
            Inputs = ["up"],
        },
        new ConvTranspose2d("tall", 6, new Size2d(3, 1))
        {
            Stride = new Size2d(2, 1),
            Padding = new Padding2d(1, 0, 0, 0),
            OutputPadding = new Size2d(1, 0),
            Dilation = new Size2d(2, 1),
            Groups = 3,
            HasBias = false,
        },
        new MaxPool2d("pool.padded", new Size2d(3, 2)) { Stride = new Size2d(2, 1), Padding = new Padding2d(1, 0, 2, 1) },
        new AveragePool2d("pool.average", new Size2d(2, 3))
        {
            Stride = new Size2d(1, 2),
            Padding = new Padding2d(0, 1, 1, 2),
            CeilMode = true,
            CountIncludePadding = false,
        },
        new ZeroPad2d("pad") { Padding = new Padding2d(1, 2, 3, 4) },
        new Silu("silu"),
        new HardSwish("hardswish"),
        new HardSigmoid("hardsigmoid") { Alpha = 0.25f, Beta = 0.75f },
        new Clip("clip") { Minimum = -1, Maximum = 2 },
        new Add("add") { Inputs = ["silu", "clip"] },
        new Multiply("multiply") { Inputs = ["add", "hardswish"] },
        new Softmax("softmax"),
        new Gelu("gelu"),
        new Power("power") { Exponent = 3 },
        new PRelu("prelu"),
        new LayerNorm2d("layernorm") { Epsilon = 0.25f },
        new L2Normalization("unit") { Epsilon = 0.5f },
        new LogSoftmax("logsoftmax"),
        new ChannelShuffle("shuffle") { Groups = 3 },
        new Slice("slice") { FirstChannel = 1, Channels = 3, Crop = new Padding2d(1, 0, 2, 1), Step = new Size2d(2, 1) },
        new Flatten("flatten"),
    ]);
}
