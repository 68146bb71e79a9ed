using SimNet.Models;

namespace SimNet.Testing;

/// <summary>Random weights and samples for tests of back ends.</summary>
public static class NetworkData
{
    /// <summary>Random weights with mean 0 and a scale that keeps activations around 1; running variances are positive.</summary>
    public static StateDict Weights(Network network, int seed)
    {
        var random = new SeededRandom(seed, 1);
        var tensors = new Dictionary<string, WeightTensor>();
        foreach (ParameterInfo parameter in network.Parameters)
        {
            var values = new float[parameter.Count];
            double scale = parameter.Dimensions.Length == 4 ? 1.5 / Math.Sqrt(parameter.Count / (double)parameter.Dimensions[0]) : 0.5;
            for (int i = 0; i < values.Length; i++)
            {
                bool positive = parameter.Name.EndsWith("running_var", StringComparison.Ordinal)
                    || (parameter.Name.EndsWith("weight", StringComparison.Ordinal) && parameter.Dimensions.Length == 1);
                values[i] = positive ? 0.5f + random.NextSingle() : (float)(scale * random.NextGaussian());
            }

            tensors.Add(parameter.Name, new WeightTensor(parameter.Dimensions, values));
        }

        return new StateDict(tensors);
    }

    /// <summary>Normally distributed values.</summary>
    public static float[] Normal(int length, int seed)
    {
        var random = new SeededRandom(seed, 2);
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = (float)random.NextGaussian();
        }

        return values;
    }

    /// <summary>Uniformly distributed values in [0, 1).</summary>
    public static float[] Uniform(int length, int seed)
    {
        var random = new SeededRandom(seed, 3);
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = random.NextSingle();
        }

        return values;
    }

    /// <summary>Values in [0, 1) from an integer hash; the same as those of generate_compute.py.</summary>
    public static float[] Noise(int length, int seed)
    {
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            uint x = (uint)i * 2654435761 + (uint)seed * 2246822519 + 374761393;
            x = (x ^ x >> 15) * 2246822519;
            x = (x ^ x >> 13) * 3266489917;
            x ^= x >> 16;
            values[i] = (x >> 8) / (float)(1 << 24);
        }

        return values;
    }

    /// <summary>The initial weights of generate_compute.py.</summary>
    public static StateDict HashedWeights(Network network)
        => new(network.Parameters.Select((parameter, number) =>
        {
            float[] values = Noise(parameter.Count, number);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = parameter.Dimensions.Length == 4 ? (values[i] - 0.5f) * 0.25f
                    : parameter.Name.EndsWith("weight", StringComparison.Ordinal)
                    || parameter.Name.EndsWith("running_var", StringComparison.Ordinal)
                        ? values[i] + 0.5f
                    : (values[i] - 0.5f) * 0.5f;
            }

            return KeyValuePair.Create(parameter.Name, new WeightTensor(parameter.Dimensions, values));
        }));

    public static double[] ToDouble(float[] values) => [.. values.Select(v => (double)v)];

    /// <summary>The largest difference relative to the largest expected value, or to <paramref name="floor"/> if that is larger.</summary>
    public static double Distance(IEnumerable<double> expected, IEnumerable<double> actual, double floor = 1e-6)
    {
        double[] left = [.. expected];
        double[] right = [.. actual];
        Assert.Equal(left.Length, right.Length);
        double largest = Math.Max(floor, left.Select(Math.Abs).DefaultIfEmpty().Max());
        double difference = 0;
        for (int i = 0; i < left.Length; i++)
        {
            difference = Math.Max(difference, double.IsNaN(right[i]) ? double.PositiveInfinity : Math.Abs(left[i] - right[i]));
        }

        return difference / largest;
    }

    public static IEnumerable<double> Wide(ReadOnlySpan<float> values) => ToDouble(values.ToArray());
}
