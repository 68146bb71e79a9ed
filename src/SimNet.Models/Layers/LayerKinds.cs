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
        new Clip(""),
        new Concat(""),
        new Conv2d("", 1, 1),
        new ConvTranspose2d("", 1, 1),
        new Dropout(""),
        new GlobalAveragePool2d(""),
        new HardSigmoid(""),
        new HardSwish(""),
        new LeakyRelu(""),
        new MaxPool2d("", 1),
        new Multiply(""),
        new Relu(""),
        new Sigmoid(""),
        new Silu(""),
        new Softmax(""),
        new ZeroPad2d(""),
    }.ToFrozenDictionary(layer => layer.Kind, StringComparer.Ordinal);
}
