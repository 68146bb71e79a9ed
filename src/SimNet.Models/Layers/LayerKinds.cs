using System.Collections.Frozen;

namespace SimNet.Models;

/// <summary>Maps the kinds of layers in files to layers.</summary>
internal static class LayerKinds
{
    /// <summary>An unnamed layer of each kind, by <see cref="Layer.Kind"/>.</summary>
    public static FrozenDictionary<string, Layer> Prototypes { get; } = new Layer[]
    {
        new Add(""),
        new AveragePool2d("", 1),
        new BatchNorm2d(""),
        new ChannelShuffle(""),
        new Clip(""),
        new Concat(""),
        new Conv2d("", 1, 1),
        new ConvTranspose2d("", 1, 1),
        new Dropout(""),
        new Flatten(""),
        new Gelu(""),
        new GlobalAveragePool2d(""),
        new HardSigmoid(""),
        new HardSwish(""),
        new L2Normalization(""),
        new LayerNorm2d(""),
        new LeakyRelu(""),
        new LogSoftmax(""),
        new MaxPool2d("", 1),
        new Multiply(""),
        new Power(""),
        new PRelu(""),
        new Relu(""),
        new Sigmoid(""),
        new Silu(""),
        new Slice(""),
        new Softmax(""),
        new ZeroPad2d(""),
    }.ToFrozenDictionary(layer => layer.Kind, StringComparer.Ordinal);
}
