using System.Security.Cryptography;

namespace SimNet.Models.Tests;

public class WeightInitializationTests
{
    private static readonly Network Wide = new("wide", new Shape(16, 8, 8),
        [new Conv2d("conv", 64, 3), new BatchNorm2d("norm"), new ConvTranspose2d("up", 24, 5)]);

    [Theory]
    [InlineData(WeightInitializer.GlorotUniform)]
    [InlineData(WeightInitializer.HeNormal)]
    public void Every_parameter_exists_and_the_fixed_ones_have_their_values(WeightInitializer initializer)
    {
        StateDict weights = WeightInitialization.Create(Wide, 1, initializer);

        Assert.Equal(Wide.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal), weights.Keys);
        Assert.All(Wide.Parameters, p => Assert.Equal(p.Dimensions.AsEnumerable(), weights[p.Name].Dimensions.AsEnumerable()));
        foreach ((string name, float value) in new[]
        {
            ("conv.bias", 0f),
            ("up.bias", 0f),
            ("norm.weight", 1f),
            ("norm.bias", 0f),
            ("norm.running_mean", 0f),
            ("norm.running_var", 1f),
        })
        {
            Assert.All(weights[name].Values.ToArray(), v => Assert.Equal(value, v));
        }
    }

    [Theory]
    [InlineData("conv.weight", 16, 64, 9)]
    [InlineData("up.weight", 64, 24, 25)]
    public void Glorot_weights_are_uniform_within_their_limit(string name, int inChannels, int outChannels, int area)
    {
        float[] values = WeightInitialization.Create(Wide, 1).Values(name);
        double limit = Math.Sqrt(6.0 / ((inChannels + outChannels) * area));

        Assert.InRange(values.Max(), 0.995 * limit, limit);
        Assert.InRange(values.Min(), -limit, -0.995 * limit);

        // The Kolmogorov-Smirnov statistic exceeds 1.95 / sqrt(n) with probability 0.001.
        Assert.InRange(Distance(values, x => (x / limit + 1) / 2), 0, 1.95 / Math.Sqrt(values.Length));
    }

    [Theory]
    [InlineData("conv.weight", 16, 9)]
    [InlineData("up.weight", 64, 25)]
    public void He_weights_are_normal_with_their_variance(string name, int inChannels, int area)
    {
        float[] values = WeightInitialization.Create(Wide, 1, WeightInitializer.HeNormal).Values(name);
        double deviation = Math.Sqrt(2.0 / (inChannels * area));

        Assert.InRange(Distance(values, x => NormalDistribution(x / deviation)), 0, 1.95 / Math.Sqrt(values.Length));
    }

    [Fact]
    public void The_normal_sampler_has_the_moments_of_a_normal_distribution()
    {
        var random = new SeededRandom(7);
        const int Count = 400_000;
        double[] values = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            values[i] = NormalSampler.Sample(ref random);
        }

        Assert.InRange(values.Average(), -5 / Math.Sqrt(Count), 5 / Math.Sqrt(Count));
        Assert.InRange(values.Average(x => x * x), 1 - 5 * Math.Sqrt(2.0 / Count), 1 + 5 * Math.Sqrt(2.0 / Count));
        Assert.InRange(values.Average(x => x * x * x * x), 3 - 5 * Math.Sqrt(96.0 / Count), 3 + 5 * Math.Sqrt(96.0 / Count));
        Assert.InRange(
            values.Count(x => Math.Abs(x) > 3),
            0.0026998 * Count - 5 * Math.Sqrt(0.0027 * Count),
            0.0026998 * Count + 5 * Math.Sqrt(0.0027 * Count));
        Assert.InRange(Distance([.. values.Select(v => (float)v)], NormalDistribution), 0, 1.95 / Math.Sqrt(Count));
    }

    // Checked once against a Python implementation. A seed must give the same weights on every machine and in every version.
    [Theory]
    [InlineData(WeightInitializer.GlorotUniform, "03b51f1e4b1c0323")]
    [InlineData(WeightInitializer.HeNormal, "25785fd817dd54cc")]
    public void A_seed_gives_the_pinned_bits(WeightInitializer initializer, string expected)
    {
        byte[] bytes = SafetensorsGolden.Write(WeightInitialization.Create(DenoisingAutoencoder.Create(), 42, initializer));
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }

    [Fact]
    public void Seeds_and_layers_differ()
    {
        Network network = DenoisingAutoencoder.Create();
        StateDict one = WeightInitialization.Create(network, 1), two = WeightInitialization.Create(network, 2);

        Assert.NotEqual(one.Values("encoder.conv2.weight"), two.Values("encoder.conv2.weight"));
        Assert.NotEqual(one.Values("encoder.conv2.weight"), one.Values("encoder.conv3.weight"));
    }

    [Fact]
    public void An_undefined_initializer_throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightInitialization.Create(Wide, 1, (WeightInitializer)9));
    }

    private static double Distance(float[] values, Func<double, double> distribution)
    {
        double[] sorted = [.. values.Order().Select(v => distribution(v))];
        return sorted.Select((p, i) => Math.Max(p - (double)i / sorted.Length, (i + 1.0) / sorted.Length - p)).Max();
    }

    /// <summary>The cumulative distribution function, by the series of Marsaglia (2004).</summary>
    private static double NormalDistribution(double x)
    {
        if (Math.Abs(x) > 8)
        {
            return x > 0 ? 1 : 0;
        }

        double sum = x, term = x;
        for (int i = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); i += 2)
        {
            term *= x * x / i;
            sum += term;
        }

        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }
}
