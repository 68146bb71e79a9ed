namespace SimNet.Models.Tests;

/// <summary>Small networks that tests share.</summary>
internal static class SampleNetworks
{
    /// <summary>Every kind of layer, every setting away from its default.</summary>
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
    ]);
}
