using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// SqueezeNet (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016), and e-SimNet's form of it.
/// Its fire modules squeeze their input to few channels and expand them by 1x1 and 3x3 windows side by side.
/// </summary>
/// <remarks>
/// Layers, sizes and names are torchvision's (<c>features.0</c> to <c>features.12.expand3x3</c>, <c>classifier.1</c>), so its weights
/// load as they are; a fire module's output has the module's name. torchvision pads the first convolution by nothing: at 224x224 the
/// maps are 109, 54, 27 and 13 wide. The paper's table 1 has 111, 55, 27 and 13, which is what size 227 gives.
/// </remarks>
public static class SqueezeNet
{
    /// <summary>Name of the layer that averages the last fire module's 512 maps: 512 x 1 x 1. It is not on the way to the logits.</summary>
    public const string EmbeddingLayer = "embedding";

    /// <summary>The smallest picture's height and width.</summary>
    public const int MinimumSize = 32;

    /// <summary>
    /// The shares of weights that the paper's table 1 keeps of each layer, for <see cref="MagnitudePruning"/>: rounding up they leave
    /// exactly its 421,098 of 1,248,424 parameters at 1,000 classes. For SqueezeNet 1.0 and e-SimNet's.
    /// </summary>
    public static IReadOnlyDictionary<string, double> PruningShares { get; } = Shares();

    /// <summary>
    /// SqueezeNet as torchvision has it, called <c>squeezenet1_0</c> or <c>squeezenet1_1</c>; 1,248,424 or 1,235,496 parameters at
    /// 1,000 classes. Logits are averages of rectified values, so none is negative.
    /// </summary>
    /// <param name="version">Which of the two.</param>
    /// <param name="classes">Number of classes; 1,000 by default, as ImageNet's.</param>
    /// <param name="size">Height and width of the colour picture; 224 by default, at least <see cref="MinimumSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version, no class, or the size is too small.</exception>
    public static Network Create(SqueezeNetVersion version, int classes = 1000, int size = 224)
    {
        var layers = new List<Layer>();
        AddFeatures(layers, version, slope: null);
        AddClassifier(layers, classes, rectified: true);
        return Build(version == SqueezeNetVersion.V1_0 ? "squeezenet1_0" : "squeezenet1_1", size, layers);
    }

    /// <summary>
    /// e-SimNet's: SqueezeNet 1.0 with batch norm after each convolution of the features and leaky ReLU of slope 0.001, called
    /// <c>esimnet</c>. A convolution's norm has its name and <c>.norm</c>, so weights of the plain network fit the convolutions.
    /// </summary>
    /// <remarks>
    /// The classifier's convolution goes without norm and activation, unlike the paper's "after each convolution": its averages are the
    /// logits, and these must be free to be negative and must not depend on which other classes stand in the batch.
    /// </remarks>
    /// <param name="classes">Number of classes; at least 1.</param>
    /// <param name="size">Height and width of the colour picture; 224 by default, at least <see cref="MinimumSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no class, or the size is too small.</exception>
    public static Network CreateESimNet(int classes, int size = 224) => CreateESimNet(SqueezeNetVersion.V1_0, classes, size);

    /// <summary>
    /// e-SimNet's form of either SqueezeNet; that of 1.1, which the paper does not have, is called <c>esimnet1_1</c> and takes less than half
    /// the arithmetic.
    /// </summary>
    /// <param name="version">Which of the two.</param>
    /// <param name="classes">Number of classes; at least 1.</param>
    /// <param name="size">Height and width of the colour picture; 224 by default, at least <see cref="MinimumSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version, no class, or the size is too small.</exception>
    public static Network CreateESimNet(SqueezeNetVersion version, int classes, int size = 224)
    {
        var layers = new List<Layer>();
        AddFeatures(layers, version, slope: 0.001f);
        AddClassifier(layers, classes, rectified: false);
        return Build(version == SqueezeNetVersion.V1_0 ? "esimnet" : "esimnet1_1", size, layers);
    }

    private static ImmutableSortedDictionary<string, double> Shares()
    {
        // The fire modules 2 to 9 of the paper; the first convolution stays whole.
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

    /// <summary>The stem and eight fire modules, numbered as torchvision does: a pool takes the number before the module that follows it.</summary>
    private static void AddFeatures(List<Layer> layers, SqueezeNetVersion version, float? slope)
    {
        (Conv2d stem, int[] poolsBefore) = version switch
        {
            SqueezeNetVersion.V1_0 => (new Conv2d("features.0", 96, 7) { Stride = 2 }, new[] { 3, 7, 12 }),
            SqueezeNetVersion.V1_1 => (new Conv2d("features.0", 64, 3) { Stride = 2 }, new[] { 3, 6, 9 }),
            _ => throw new ArgumentOutOfRangeException(nameof(version), version, $"Expected one of {string.Join(", ", Enum.GetNames<SqueezeNetVersion>())}."),
        };
        ReadOnlySpan<(int Squeeze, int Expand)> fires = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)];
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
            AddConvolution(layers, new Conv2d($"{fire}.expand1x1", expand, 1) { Inputs = [squeezed] }, $"{fire}.expand1x1_activation", slope);
            AddConvolution(layers, new Conv2d($"{fire}.expand3x3", expand, 3) { Padding = 1, Inputs = [squeezed] }, $"{fire}.expand3x3_activation", slope);
            layers.Add(new Concat(fire) { Inputs = [$"{fire}.expand1x1_activation", $"{fire}.expand3x3_activation"] });
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
