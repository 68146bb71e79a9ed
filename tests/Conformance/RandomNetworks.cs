using SimNet.Models;

namespace SimNet.Conformance;

/// <summary>Random networks, weights and samples, for tests that compare back ends on combinations that hand-written tests miss.</summary>
public static class RandomNetworks
{
    private const int MaxValues = 3000;

    // Large, since consecutive norms of nearly constant channels would amplify float32 rounding to the size of the gradients.
    private const float NormEpsilon = 0.1f;

    /// <summary>A network of six to fourteen layers of all kinds, each with one or several of the preceding layers as inputs.</summary>
    public static Network Create(int seed)
    {
        var random = new Random(seed);
        var input = new Shape(random.Next(1, 5), random.Next(3, 10), random.Next(3, 10));
        var layers = new List<Layer>();
        var shapes = new List<(string Name, Shape Shape)> { ("input", input) };
        int length = random.Next(6, 15);
        while (layers.Count < length)
        {
            // The last layer is the most frequent input, since back ends fuse chains.
            (string source, Shape shape) = shapes[random.Next(3) > 0 ? ^1 : ^random.Next(1, Math.Min(shapes.Count, 4) + 1)];
            Layer layer = CreateLayer(random, $"l{layers.Count}", shape);
            string[] inputs = layer switch
            {
                Add or Multiply when shapes.Where(s => s.Shape == shape).ToArray() is { Length: > 0 } same =>
                [
                    source, same[random.Next(same.Length)].Name,
                    .. layer is Add && random.Next(3) == 0 ? [source] : Array.Empty<string>(),
                ],
                Concat =>
                [
                    source,
                    .. shapes.Where(s => (s.Shape.Height, s.Shape.Width) == (shape.Height, shape.Width))
                        .TakeLast(random.Next(1, 4))
                        .Select(s => s.Name),
                ],
                _ => [source],
            };
            if (layer is Multiply && random.Next(2) == 0)
            {
                // A squeeze-and-excitation gate.
                (string average, string squeeze) = ($"l{layers.Count}.average", $"l{layers.Count}.squeeze");
                layers.Add(new GlobalAveragePool2d(average) { Inputs = [source] });
                layers.Add(new Conv2d(squeeze, shape.Channels, 1) { Inputs = [average], HasBias = random.Next(2) == 0 });
                layers.Add(CreateActivation(random, $"l{layers.Count}.gate") with { Inputs = [squeeze] });
                inputs = [source, layers[^1].Name];
            }

            layer = layer with { Inputs = [.. inputs] };
            Network network;
            try
            {
                network = new Network("random", input, [.. layers, layer]);
            }
            catch (ArgumentException)
            {
                // Invalid, for example a window larger than the image: try another layer.
                continue;
            }

            if (network.OutputShape.Length > MaxValues)
            {
                continue;
            }

            layers.Add(layer);
            shapes.Add((layer.Name, network.OutputShape));

            // Activations and norms follow most layers that they can be fused into.
            while (layer is Conv2d or ConvTranspose2d or BatchNorm2d or Add or Concat && random.Next(3) > 0)
            {
                layer = random.Next(3) == 0
                    ? new BatchNorm2d($"l{layers.Count}.norm") { Epsilon = NormEpsilon }
                    : CreateActivation(random, $"l{layers.Count}.act");
                layer = layer with { Inputs = [layers[^1].Name] };
                layers.Add(layer);
                shapes.Add((layer.Name, network.OutputShape));
            }
        }

        return new Network($"random {seed}", input, layers);
    }

    /// <summary>Random weights with which values neither vanish nor explode; norms have random statistics.</summary>
    public static StateDict Weights(Network network, int seed)
    {
        var random = new Random(seed);
        return new StateDict(network.Parameters.Select(parameter =>
        {
            float spread = parameter.Dimensions.Length == 4
                ? 1.7f / MathF.Sqrt(parameter.Dimensions[1] * parameter.Dimensions[2] * parameter.Dimensions[3])
                : 0.5f;
            float center = parameter.Name.EndsWith(".running_var", StringComparison.Ordinal)
                || (parameter.Dimensions.Length == 1 && parameter.Name.EndsWith(".weight", StringComparison.Ordinal))
                ? 1
                : 0;
            return KeyValuePair.Create(
                parameter.Name, new WeightTensor(parameter.Dimensions, Values(random, parameter.Count, center, spread)));
        }));
    }

    /// <summary>Random samples with values from -2 to 2.</summary>
    public static float[] Samples(Shape shape, int count, int seed) => Values(new Random(seed), shape.Length * count, 0, 2);

    private static float[] Values(Random random, int count, float center, float spread)
        => [.. Enumerable.Range(0, count).Select(_ => center + (((random.NextSingle() * 2) - 1) * spread))];

    private static Layer CreateLayer(Random random, string name, Shape shape)
    {
        var kernel = new Size2d(random.Next(1, 5), random.Next(1, 5));
        var stride = new Size2d(random.Next(1, 4), random.Next(1, 4));
        var padding = new Padding2d(random.Next(3), random.Next(3), random.Next(3), random.Next(3));
        if (random.Next(2) == 0)
        {
            (kernel, stride, padding) = (kernel.Height, Math.Min(2, stride.Height), padding.Top);
        }

        var dilation = new Size2d(random.Next(4) == 0 ? 2 : 1, random.Next(4) == 0 ? 3 : 1);
        int groups = random.Next(3) switch
        {
            0 => shape.Channels,
            1 when shape.Channels % 2 == 0 => 2,
            _ => 1,
        };
        int filters = groups * (groups == shape.Channels && random.Next(3) > 0 ? 1 : random.Next(1, 40 / groups + 2));
        Padding2d small = new(
            Math.Min(padding.Top, kernel.Height - 1),
            Math.Min(padding.Left, kernel.Width - 1),
            Math.Min(padding.Bottom, kernel.Height - 1),
            Math.Min(padding.Right, kernel.Width - 1));
        return random.Next(22) switch
        {
            0 or 1 or 2 or 3 => new Conv2d(name, filters, kernel)
            {
                Stride = stride,
                Padding = padding,
                Dilation = dilation,
                Groups = groups,
                HasBias = random.Next(2) == 0,
            },
            4 => new ConvTranspose2d(name, filters, kernel)
            {
                Stride = stride,
                Padding = small,
                Dilation = dilation,
                Groups = groups,
                HasBias = random.Next(2) == 0,
                OutputPadding = new Size2d(random.Next(stride.Height), random.Next(stride.Width)),
            },
            5 => new MaxPool2d(name, kernel) { Stride = random.Next(4) == 0 ? 0 : stride, Padding = small, CeilMode = random.Next(2) == 0 },
            6 => new AveragePool2d(name, kernel)
            {
                Stride = random.Next(4) == 0 ? 0 : stride,
                Padding = small,
                CeilMode = random.Next(2) == 0,
                CountIncludePadding = random.Next(2) == 0,
            },
            7 => new Add(name),
            8 => new Multiply(name),
            9 => new Concat(name),
            10 => new ZeroPad2d(name) { Padding = padding },
            11 => new Softmax(name),
            12 => new Dropout(name) { Rate = 0.3f },
            13 => CreateActivation(random, name),
            14 => new PRelu(name),
            15 => new LayerNorm2d(name) { Epsilon = NormEpsilon },
            16 => new L2Normalization(name) { Epsilon = NormEpsilon },
            17 => new LogSoftmax(name),
            18 => new Flatten(name),
            19 => new ChannelShuffle(name) { Groups = groups },
            20 => new Slice(name)
            {
                FirstChannel = random.Next(shape.Channels),
                Crop = random.Next(2) == 0 ? padding : 0,
                Step = stride,
            },
            _ => new BatchNorm2d(name) { Epsilon = NormEpsilon },
        };
    }

    private static Layer CreateActivation(Random random, string name) => random.Next(9) switch
    {
        0 => new Relu(name),
        1 => new LeakyRelu(name) { NegativeSlope = random.Next(3) switch { 0 => -0.3f, 1 => 0.1f, _ => 1.5f } },
        2 => new Sigmoid(name),
        3 => new Silu(name),
        4 => new HardSigmoid(name) { Alpha = random.Next(3) == 0 ? -0.4f : 0.3f, Beta = 0.4f },
        5 => new HardSwish(name),
        6 => new Gelu(name),
        7 => new Clip(name) { Minimum = -0.3f, Maximum = 0.7f },
        _ => new Clip(name),
    };
}
