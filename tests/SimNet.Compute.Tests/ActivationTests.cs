namespace SimNet.Compute.Tests;

/// <summary>Activations over the whole range of float against their definitions in double precision, at every vector width.</summary>
public sealed unsafe class ActivationTests
{
    private static readonly (Layer Layer, Func<double, double> Function, double Tolerance)[] Functions =
    [
        (new Relu("a"), x => Math.Max(x, 0), 0),
        (new LeakyRelu("a") { NegativeSlope = 0.25f }, x => x > 0 ? x : 0.25 * x, 0),
        (new Clip("a") { Minimum = -1, Maximum = 4 }, x => Math.Clamp(x, -1, 4), 0),
        (new HardSigmoid("a") { Alpha = 0.25f, Beta = 0.5f }, x => Math.Clamp(0.25 * x + 0.5, 0, 1), 1e-7),
        (new HardSwish("a"), x => x * Math.Clamp(x / 6 + 0.5, 0, 1), 3e-7),
        (new Sigmoid("a"), x => 1 / (1 + Math.Exp(-x)), 2e-7),
        (new Silu("a"), x => x / (1 + Math.Exp(-x)), 3e-7),
    ];

    [Theory]
    [InlineData(VectorWidth.Bits512)]
    [InlineData(VectorWidth.Bits256)]
    [InlineData(VectorWidth.Bits128)]
    [InlineData(VectorWidth.Scalar)]
    public void Values_match_the_definition(VectorWidth width)
    {
        // Every 2^13-th normal float and its negative, and a fine grid where the functions bend.
        float[] values =
        [
            .. Enumerable.Range(0, 1 << 18)
                .Select(i => BitConverter.Int32BitsToSingle(i << 13)).Where(x => float.IsNormal(x)).SelectMany(x => new[] { x, -x }),
            .. Enumerable.Range(-40_000, 80_001).Select(i => i / 400f), 0, -0f,
        ];
        foreach ((Layer layer, Func<double, double> function, double tolerance) in Functions)
        {
            float[] results = Run(width, layer, values);
            for (int i = 0; i < values.Length; i++)
            {
                double expected = function(values[i]);
                Assert.True(
                    Math.Abs(results[i] - expected) <= tolerance * Math.Abs(expected)
                        + (tolerance > 0 ? 3e-7 * Math.Min(1, Math.Abs(values[i])) : 0),
                    $"{layer.Kind} of {values[i]:R} is {results[i]:R}; expected {expected:R}");
            }

            Assert.True(float.IsNaN(Run(width, layer, [float.NaN])[0]), $"{layer.Kind} of NaN");
        }
    }

    [Theory]
    [InlineData(VectorWidth.Auto)]
    [InlineData(VectorWidth.Scalar)]
    public void Powers_and_GELU_match_their_definitions(VectorWidth width)
    {
        float[] values = [.. Enumerable.Range(1, 40_000).Select(i => i / 400f), 1e-30f, 1e6f];
        foreach (float exponent in (float[])[-2, -1, -0.3f, 0, 1 / 2.7f, 0.5f, 1.5f, 3, 3.3f, 6])
        {
            float[] powers = Run(width, new Power("a") { Exponent = exponent }, values);
            for (int i = 0; i < values.Length; i++)
            {
                // The product of exponent and logarithm is rounded.
                double expected = Math.Pow(values[i], exponent), rounding = 3e-7 * (1 + Math.Abs(exponent * Math.Log(values[i])));
                Assert.True(
                    Math.Abs(powers[i] - expected) <= (rounding * expected) + 1e-37 || expected > float.MaxValue,
                    $"{values[i]:R} to the power of {exponent} is {powers[i]:R}; expected {expected:R}");
            }
        }

        Assert.Equal([-8, 0], Run(width, new Power("a") { Exponent = 3 }, [-2, 0]));
        Assert.Equal([0, float.NaN], Run(width, new Power("a") { Exponent = 1.5f }, [0, -1]));
        Assert.Equal([float.PositiveInfinity], Run(width, new Power("a") { Exponent = -1.5f }, [0]));

        // The normal distribution function at 0, 1, and 2, from tables.
        float[] gelu = Run(width, new Gelu("a"), [0, 1, -1, 2, -2, 20, -20]);
        float[] table = [0, 0.84134475f, -0.15865525f, 1.9544997f, -0.04550026f, 20, 0];
        Assert.All(gelu.Zip(table), pair => Assert.Equal(pair.Second, pair.First, 4e-7f));
    }

    private static float[] Run(VectorWidth width, Layer layer, float[] values)
    {
        var buffer = new PinnedBuffer<float>((values.Length + 15) / 16 * 16);
        values.CopyTo(buffer.Span);
        KernelSet.Create(width).Elements.Activate(Activation.Of(layer)!.Value, buffer.Pointer, buffer.Pointer, buffer.Length);
        float[] results = buffer.Span[..values.Length].ToArray();
        GC.KeepAlive(buffer);
        return results;
    }
}
