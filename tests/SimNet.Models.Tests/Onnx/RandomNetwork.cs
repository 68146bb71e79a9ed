using System.Collections.Immutable;

namespace SimNet.Models.Tests;

/// <summary>Small networks of every kind of layer with settings, ways and weights by a seed.</summary>
internal static class RandomNetwork
{
    private const int Kinds = 18;

    /// <summary>A network of 1 to 12 layers. Layers may have nothing that takes from them.</summary>
    public static Network Create(int seed)
    {
        var random = new SeededRandom(seed);
        var input = new Shape(1 + random.NextInt32(6), 1 + random.NextInt32(12), 1 + random.NextInt32(12));
        int count = 1 + random.NextInt32(12);
        var layers = new List<Layer>();
        Network? network = null;
        while (layers.Count < count)
        {
            Layer layer = Some(ref random, $"layers.{layers.Count}", input, network);
            try
            {
                network = new Network($"random {seed}", input, [.. layers, layer]);
                layers.Add(layer);
            }
            catch (ArgumentException)
            {
                // It does not fit there; another will.
            }
        }

        return network!;
    }

    /// <summary>Weights from -1 to 1, variances from 0.1 to 2.</summary>
    public static StateDict Weights(Network network, int seed)
    {
        var random = new SeededRandom(seed, 1);
        var tensors = new List<KeyValuePair<string, WeightTensor>>();
        foreach (ParameterInfo parameter in network.Parameters)
        {
            float[] values = new float[parameter.Count];
            for (int i = 0; i < values.Length; i++)
            {
                float unit = random.NextInt32(1 << 20) / (float)(1 << 20);
                values[i] = parameter.Name.EndsWith(".running_var", StringComparison.Ordinal) ? 0.1f + (1.9f * unit) : (2 * unit) - 1;
            }

            tensors.Add(new(parameter.Name, new WeightTensor(parameter.Dimensions, values)));
        }

        return new StateDict(tensors);
    }

    private static Layer Some(ref SeededRandom random, string name, Shape input, Network? network)
    {
        int layers = network?.Layers.Length ?? 0;
        int from = random.NextInt32(3) > 0 ? layers - 1 : random.NextInt32(layers + 1) - 1;
        Shape shape = ShapeOf(from);
        Layer layer = random.NextInt32(Kinds) switch
        {
            0 => new Conv2d(name, shape.Channels, Size(ref random, 1, 3)) { Groups = shape.Channels, Padding = Around(ref random, 2), Stride = Size(ref random, 1, 2) },
            1 => new Conv2d(name, 1 + random.NextInt32(6), Size(ref random, 1, 4))
            {
                Stride = Size(ref random, 1, 3),
                Padding = Around(ref random, 3),
                Dilation = Size(ref random, 1, 2),
                Groups = 1 + random.NextInt32(2),
                HasBias = random.NextInt32(2) == 0,
            },
            2 => new ConvTranspose2d(name, 1 + random.NextInt32(6), Size(ref random, 1, 4))
            {
                Stride = Size(ref random, 1, 3),
                Padding = Around(ref random, 2),
                Dilation = Size(ref random, 1, 2),
                OutputPadding = Size(ref random, 0, 1),
                Groups = 1 + random.NextInt32(2),
                HasBias = random.NextInt32(2) == 0,
            },
            3 => new BatchNorm2d(name) { Epsilon = 1e-3f, Momentum = (1 + random.NextInt32(1000)) / 1000f },
            4 => new MaxPool2d(name, Size(ref random, 1, 4)) { Stride = Size(ref random, 0, 5), Padding = Around(ref random, 2), CeilMode = random.NextInt32(2) == 0 },
            5 => new AveragePool2d(name, Size(ref random, 1, 4))
            {
                Stride = Size(ref random, 0, 5),
                Padding = Around(ref random, 2),
                CeilMode = random.NextInt32(2) == 0,
                CountIncludePadding = random.NextInt32(2) == 0,
            },
            6 => new GlobalAveragePool2d(name),
            7 => new Relu(name),
            8 => new LeakyRelu(name) { NegativeSlope = random.NextInt32(100) / 100f },
            9 => new Sigmoid(name),
            10 => new Silu(name),
            11 => new HardSigmoid(name) { Alpha = random.NextInt32(100) / 100f, Beta = random.NextInt32(100) / 100f },
            12 => new HardSwish(name),
            13 => new Clip(name) { Minimum = -random.NextInt32(10) / 10f, Maximum = random.NextInt32(60) / 10f },
            14 => random.NextInt32(2) == 0 ? new Dropout(name) { Rate = random.NextInt32(100) / 100f } : new Softmax(name),
            15 => new ZeroPad2d(name) { Padding = Around(ref random, 3) },
            16 => new Concat(name),
            _ => random.NextInt32(2) == 0 ? new Add(name) : new Multiply(name),
        };
        if (layer is not (Concat or Models.Add or Multiply))
        {
            return from == layers - 1 && random.NextInt32(2) == 0 ? layer : layer with { Inputs = [NameOf(from)] };
        }

        // Whatever goes with the first, the first itself among it.
        int[] fitting = [.. Enumerable.Range(-1, layers + 1).Where(i => layer switch
        {
            Concat => ShapeOf(i) with { Channels = shape.Channels } == shape,
            Multiply => ShapeOf(i) == shape || ShapeOf(i) == new Shape(shape.Channels, 1, 1),
            _ => ShapeOf(i) == shape,
        })];
        var inputs = ImmutableArray.Create(NameOf(from));
        for (int more = layer is Multiply ? 1 : 1 + random.NextInt32(3); more > 0; more--)
        {
            inputs = inputs.Add(NameOf(fitting[random.NextInt32(fitting.Length)]));
        }

        return layer with { Inputs = inputs };

        Shape ShapeOf(int index) => index < 0 ? input : network!.OutputShapes[index];
        string NameOf(int index) => index < 0 ? Network.InputName : network!.Layers[index].Name;
    }

    private static Size2d Size(ref SeededRandom random, int least, int most) => new(least + random.NextInt32(most - least + 1), least + random.NextInt32(most - least + 1));

    private static Padding2d Around(ref SeededRandom random, int most) => random.NextInt32(2) == 0
        ? random.NextInt32(most + 1)
        : new Padding2d(random.NextInt32(most + 1), random.NextInt32(most + 1), random.NextInt32(most + 1), random.NextInt32(most + 1));
}
