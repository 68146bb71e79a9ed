using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// SqueezeNet (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016) and its variant e-SimNet.
/// A fire module squeezes its input to few channels by a 1x1 convolution and expands these by parallel 1x1 and 3x3 convolutions.
/// </summary>
/// <remarks>
/// Layers, sizes, and names (<c>features.0</c> to <c>features.12.expand3x3</c>, <c>classifier.1</c>) match torchvision, so that its
/// weights load unchanged; the output of a fire module has the name of the module. As in torchvision, the first convolution has no
/// padding: for 224x224 images, the feature maps are 109, 54, 27, and 13 wide. Table 1 of the paper lists 111, 55, 27, and 13, which an
/// image size of 227 gives.
/// </remarks>
public static class SqueezeNet
{
    /// <summary>
    /// The name of the layer that averages the 512 feature maps of the last fire module: 512 x 1 x 1. The logits do not depend on it.
    /// </summary>
    public const string EmbeddingLayer = "embedding";

    /// <summary>The smallest supported height and width of an image, in pixels.</summary>
    public const int MinimumSize = 32;

    /// <summary>
    /// The share of weights that table 1 of the paper keeps of each layer, for <see cref="MagnitudePruning"/>. For 1,000 classes,
    /// exactly 421,098 of 1,248,424 parameters remain, as in the paper. Applies to SqueezeNet 1.0 and to e-SimNet.
    /// </summary>
    public static IReadOnlyDictionary<string, double> PruningShares { get; } = CreatePruningShares();

    /// <summary>
    /// Creates SqueezeNet as in torchvision, named <c>squeezenet1_0</c> or <c>squeezenet1_1</c>. It has 1,248,424 or 1,235,496 parameters
    /// for 1,000 classes. The logits are averages of ReLU outputs, so they are never negative.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="classes">The number of classes; at least 1; 1,000 by default, as in ImageNet.</param>
    /// <param name="size">The height and width of the RGB image in pixels; 224 by default, at least <see cref="MinimumSize"/>.</param>
    /// <returns>The network, which outputs <paramref name="classes"/> x 1 x 1 logits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Network Create(SqueezeNetVersion version, int classes = 1000, int size = 224)
    {
        var layers = new List<Layer>();
        AddFeatures(layers, version, slope: null);
        AddClassifier(layers, classes, rectified: true);
        return Build(version == SqueezeNetVersion.V1_0 ? "squeezenet1_0" : "squeezenet1_1", size, layers);
    }

    /// <summary>
    /// Creates e-SimNet: SqueezeNet 1.0 with batch norm after each convolution of the features and leaky ReLU with slope 0.001, named
    /// <c>esimnet</c>. The batch norm of a convolution has its name with the suffix <c>.norm</c>, so that weights of SqueezeNet fit the
    /// convolutions.
    /// </summary>
    /// <remarks>
    /// Unlike in the paper, which has them after each convolution, the convolution of the classifier has no batch norm and no activation.
    /// Its averages are the logits, which must be able to be negative and must not depend on the other samples of the batch.
    /// </remarks>
    /// <param name="classes">The number of classes; at least 1.</param>
    /// <param name="size">The height and width of the RGB image in pixels; 224 by default, at least <see cref="MinimumSize"/>.</param>
    /// <returns>The network, which outputs <paramref name="classes"/> x 1 x 1 logits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Network CreateESimNet(int classes, int size = 224) => CreateESimNet(SqueezeNetVersion.V1_0, classes, size);

    /// <summary>
    /// Creates the e-SimNet variant of either version of SqueezeNet. That of version 1.1, which is not in the paper, is named
    /// <c>esimnet1_1</c> and needs less than half the computation.
    /// </summary>
    /// <param name="version">The version of SqueezeNet.</param>
    /// <param name="classes">The number of classes; at least 1.</param>
    /// <param name="size">The height and width of the RGB image in pixels; 224 by default, at least <see cref="MinimumSize"/>.</param>
    /// <returns>The network, which outputs <paramref name="classes"/> x 1 x 1 logits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Network CreateESimNet(SqueezeNetVersion version, int classes, int size = 224)
    {
        var layers = new List<Layer>();
        AddFeatures(layers, version, slope: 0.001f);
        AddClassifier(layers, classes, rectified: false);
        return Build(version == SqueezeNetVersion.V1_0 ? "esimnet" : "esimnet1_1", size, layers);
    }

    private static ImmutableSortedDictionary<string, double> CreatePruningShares()
    {
        // Fire modules 2 to 9 of the paper; the first convolution is not pruned.
        (string Name, double Squeeze, double Expand1, double Expand3)[] fires =
        [
            ("features.3", 1, 1, 0.33), ("features.4", 1, 1, 0.33), ("features.5", 1, 1, 0.33), ("features.7", 1, 1, 0.33),
            ("features.8", 1, 0.5, 0.33), ("features.9", 0.5, 1, 0.33), ("features.10", 1, 0.5, 0.3), ("features.12", 0.5, 1, 0.3),
        ];
        var shares = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach ((string name, double squeeze, double expand1, double expand3) in fires)
        {
            shares.Add($"{name}.squeeze", squeeze);
            shares.Add($"{name}.expand1x1", expand1);
            shares.Add($"{name}.expand3x3", expand3);
        }

        shares.Add("classifier.1", 0.2);
        return shares.ToImmutable();
    }

    private static Network Build(string name, int size, List<Layer> layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumSize);
        return new Network(name, new Shape(3, size, size), layers);
    }

    /// <summary>Adds the stem and eight fire modules, numbered as in torchvision, where each pooling layer has its own number.</summary>
    private static void AddFeatures(List<Layer> layers, SqueezeNetVersion version, float? slope)
    {
        (Conv2d stem, int[] poolsBefore) = version switch
        {
            SqueezeNetVersion.V1_0 => (new Conv2d("features.0", 96, 7) { Stride = 2 }, new[] { 3, 7, 12 }),
            SqueezeNetVersion.V1_1 => (new Conv2d("features.0", 64, 3) { Stride = 2 }, new[] { 3, 6, 9 }),
            _ => throw new ArgumentOutOfRangeException(
                nameof(version), version, $"Expected one of {string.Join(", ", Enum.GetNames<SqueezeNetVersion>())}."),
        };
        ReadOnlySpan<(int Squeeze, int Expand)> fires =
            [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)];
        AddConvolution(layers, stem, "features.1", slope);
        string last = "features.1";
        int number = 2;
        foreach ((int squeeze, int expand) in fires)
        {
            if (poolsBefore.Contains(number + 1))
            {
                last = $"features.{number++}";
                layers.Add(new MaxPool2d(last, 3) { Stride = 2, CeilMode = true });
            }

            string fire = $"features.{number++}", squeezed = $"{fire}.squeeze_activation";
            AddConvolution(layers, new Conv2d($"{fire}.squeeze", squeeze, 1) { Inputs = [last] }, squeezed, slope);
            string expanded1 = $"{fire}.expand1x1_activation", expanded3 = $"{fire}.expand3x3_activation";
            AddConvolution(layers, new Conv2d($"{fire}.expand1x1", expand, 1) { Inputs = [squeezed] }, expanded1, slope);
            AddConvolution(layers, new Conv2d($"{fire}.expand3x3", expand, 3) { Padding = 1, Inputs = [squeezed] }, expanded3, slope);
            layers.Add(new Concat(fire) { Inputs = [expanded1, expanded3] });
            last = fire;
        }
    }

    private static void AddConvolution(List<Layer> layers, Conv2d convolution, string activation, float? slope)
    {
        layers.Add(convolution);
        if (slope is float negativeSlope)
        {
            layers.Add(new BatchNorm2d($"{convolution.Name}.norm"));
            layers.Add(new LeakyRelu(activation) { NegativeSlope = negativeSlope });
        }
        else
        {
            layers.Add(new Relu(activation));
        }
    }

    private static void AddClassifier(List<Layer> layers, int classes, bool rectified)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        string last = layers[^1].Name;
        layers.Add(new GlobalAveragePool2d(EmbeddingLayer));
        layers.Add(new Dropout("classifier.0") { Inputs = [last] });
        layers.Add(new Conv2d("classifier.1", classes, 1));
        if (rectified)
        {
            layers.Add(new Relu("classifier.2"));
        }

        layers.Add(new GlobalAveragePool2d("classifier.3"));
    }
}
