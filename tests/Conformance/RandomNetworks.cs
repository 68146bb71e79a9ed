using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Conformance;

/// <summary>Networks, weights and samples drawn from a seed, for tests that compare back ends on what nobody thought of.</summary>
public static class RandomNetworks
{
    private const int LargestMap = 4_000;

    /// <summary>A network of up to a dozen layers with branches, of every kind there is.</summary>
    public static Network Create(int seed)
    {
        var random = new Random(seed);
        var shapes = new List<(string Name, Shape Shape)> { (Network.InputName, new Shape(random.Next(1, 9), random.Next(4, 15), random.Next(4, 15))) };
        var layers = new List<Layer>();
        int count = random.Next(2, 13);
        for (int attempt = 0; layers.Count < count && attempt < 200; attempt++)
        {
            (string source, Shape shape) = random.Next(4) == 0 ? shapes[random.Next(shapes.Count)] : shapes[^1];
            Layer[] next = [.. Draw(random, $"l{layers.Count}", source, shape, shapes)];
            try
            {
                var network = new Network("random", shapes[0].Shape, [.. layers, .. next]);
                if (next.Length == 0 || network.OutputShapes[layers.Count..].Any(output => output.Length > LargestMap))
                {
                    continue;
                }

                shapes.AddRange(next.Select(layer => (layer.Name, network.OutputShapes[network.IndexOf(layer.Name)])));
                layers.AddRange(next);
            }
            catch (ArgumentException)
            {
                // The settings do not fit the shape: another draw.
            }
        }

        return new Network($"random {seed}", shapes[0].Shape, layers.Count > 0 ? layers : [new Relu("l0")]);
    }

    /// <summary>Weights at which values neither vanish nor explode, norms with statistics of their own.</summary>
    public static StateDict Weights(Network network, int seed)
    {
        var random = new Random(seed);
        return new StateDict(network.Parameters.Select(parameter =>
        {
            float spread = parameter.Dimensions.Length == 4 ? 1.7f / MathF.Sqrt(parameter.Dimensions[1] * parameter.Dimensions[2] * parameter.Dimensions[3]) : 0.5f;
            float center = parameter.Name.EndsWith(".running_var", StringComparison.Ordinal) || (parameter.Dimensions.Length == 1 && parameter.Name.EndsWith(".weight", StringComparison.Ordinal)) ? 1 : 0;
            return KeyValuePair.Create(parameter.Name, new WeightTensor(parameter.Dimensions, Values(random, parameter.Count, center, spread)));
        }));
    }

    /// <summary>Samples with values from -2 to 2.</summary>
    public static float[] Samples(Shape shape, int count, int seed) => Values(new Random(seed), shape.Length * count, 0, 2);

    private static float[] Values(Random random, int count, float center, float spread) => [.. Enumerable.Range(0, count).Select(_ => center + (((random.NextSingle() * 2) - 1) * spread))];

    private static IEnumerable<Layer> Draw(Random random, string name, string source, Shape shape, List<(string Name, Shape Shape)> shapes)
    {
        ImmutableArray<string> from = [source];
        switch (random.Next(24))
        {
            case < 6:
                int groups = Groups(random, shape.Channels);
                yield return new Conv2d(name, groups * random.Next(1, groups > 4 ? 3 : 9), Size(random, 1, 5))
                {
                    Inputs = from, Stride = Size(random, 1, 3), Padding = Around(random, 3), Dilation = random.Next(4) == 0 ? Size(random, 1, 3) : 1, Groups = groups, HasBias = random.Next(2) == 0,
                };
                break;
            case < 8:
                int parts = Groups(random, shape.Channels);
                Size2d stride = Size(random, 1, 3);
                yield return new ConvTranspose2d(name, parts * random.Next(1, 4), Size(random, 1, 4))
                {
                    Inputs = from, Stride = stride, Padding = Around(random, 2), OutputPadding = new Size2d(random.Next(stride.Height), random.Next(stride.Width)),
                    Dilation = random.Next(4) == 0 ? 2 : 1, Groups = parts, HasBias = random.Next(2) == 0,
                };
                break;
            case < 10:
                yield return new BatchNorm2d(name) { Inputs = from, Epsilon = random.Next(2) == 0 ? 1e-3f : 1e-5f };
                break;
            case 10:
                yield return new MaxPool2d(name, Size(random, 2, 3)) { Inputs = from, Stride = Size(random, 1, 4), Padding = Around(random, 2), CeilMode = random.Next(2) == 0 };
                break;
            case 11:
                yield return new AveragePool2d(name, Size(random, 2, 3))
                {
                    Inputs = from, Stride = Size(random, 1, 4), Padding = Around(random, 2), CeilMode = random.Next(2) == 0, CountIncludePadding = random.Next(2) == 0,
                };
                break;
            case 12:
                yield return new GlobalAveragePool2d(name) { Inputs = from };
                break;
            case 13:
                yield return new ZeroPad2d(name) { Inputs = from, Padding = Around(random, 3) };
                break;
            case 14 when shape.Channels > 1:
                yield return new Softmax(name) { Inputs = from };
                break;
            case 15:
                yield return new Dropout(name) { Inputs = from };
                break;
            case < 19:
                yield return Activation(random, name) with { Inputs = from };
                break;
            case 19:
                string[] same = [.. shapes.Where(other => other.Shape == shape).Select(other => other.Name)];
                yield return new Add(name) { Inputs = [source, same[random.Next(same.Length)], .. random.Next(3) == 0 ? [same[random.Next(same.Length)]] : Array.Empty<string>()] };
                break;
            case 20:
                string[] alike = [.. shapes.Where(other => other.Shape == shape).Select(other => other.Name)];
                yield return new Multiply(name) { Inputs = [source, alike[random.Next(alike.Length)]] };
                break;
            case 21:
                // A gate of one value for each channel.
                yield return new GlobalAveragePool2d($"{name}.squeeze") { Inputs = from };
                yield return new Conv2d($"{name}.weigh", shape.Channels, 1);
                yield return Activation(random, $"{name}.gate");
                yield return new Multiply(name) { Inputs = [source, $"{name}.gate"] };
                break;
            default:
                string[] beside = [.. shapes.Where(other => other.Shape.Height == shape.Height && other.Shape.Width == shape.Width).Select(other => other.Name)];
                yield return new Concat(name) { Inputs = [source, beside[random.Next(beside.Length)]] };
                break;
        }
    }

    private static Layer Activation(Random random, string name) => random.Next(8) switch
    {
        0 => new Relu(name),
        1 => new LeakyRelu(name) { NegativeSlope = random.Next(3) == 0 ? -0.25f : 0.1f },
        2 => new Sigmoid(name),
        3 => new Silu(name),
        4 => new HardSigmoid(name) { Alpha = random.Next(2) == 0 ? 1f / 6 : 0.4f },
        5 => new HardSwish(name),
        6 => new Clip(name) { Minimum = random.Next(2) == 0 ? 0 : -0.5f, Maximum = random.Next(2) == 0 ? 6 : 0.75f },
        _ => new Relu(name),
    };

    private static int Groups(Random random, int channels) => random.Next(3) switch
    {
        0 => channels,
        1 => Enumerable.Range(1, channels).Where(i => channels % i == 0).ElementAt(random.Next(Enumerable.Range(1, channels).Count(i => channels % i == 0))),
        _ => 1,
    };

    private static Size2d Size(Random random, int least, int most) => random.Next(2) == 0 ? random.Next(least, most + 1) : new Size2d(random.Next(least, most + 1), random.Next(least, most + 1));

    private static Padding2d Around(Random random, int below) => random.Next(3) switch
    {
        0 => 0,
        1 => random.Next(below),
        _ => new Padding2d(random.Next(below), random.Next(below), random.Next(below), random.Next(below)),
    };
}
