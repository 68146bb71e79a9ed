namespace SimNet.Models.Tests;

/// <summary>Small model files that describe networks too large to run.</summary>
public sealed class HostileNetworkTests
{
    public static TheoryData<string, int[]> Hostile { get; } = new()
    {
        { """{"kind":"Conv2d","name":"c","out_channels":8,"kernel_size":1,"stride":268437456,"padding":536870912}""", [8, 1, 8192] },
        {
            """{"kind":"ConvTranspose2d","name":"c","out_channels":1,"kernel_size":1,"stride":20000,"padding":0,"output_padding":0}""",
            [1, 1, 1]
        },
        { """{"kind":"Conv2d","name":"c","out_channels":1,"kernel_size":1,"stride":1,"padding":20000}""", [1, 1, 1] },
        { """{"kind":"Conv2d","name":"c","out_channels":1,"kernel_size":1,"stride":1,"padding":1024}""", [1, 32768, 32768] },
        { """{"kind":"Conv2d","name":"c","out_channels":1,"kernel_size":1,"stride":256,"padding":1024}""", [30000000, 1, 1] },
        { """{"kind":"LeakyRelu","name":"","negative_slope":0.1}""", [1, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Reading_a_network_that_needs_too_much_memory_throws(string layer, int[] input)
    {
        string json = $$"""{"name":"x","input":[{{string.Join(',', input)}}],"layers":[{{layer}}]}""";
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ModelFormatException>(() => NetworkJson.Read(json, "x.safetensors"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Reading_a_network_with_too_many_layers_throws()
    {
        string layers = string.Join(',', Enumerable.Range(0, 10_001).Select(i => $$"""{"kind":"Relu","name":"r{{i}}"}"""));

        ModelFormatException exception = Assert.Throws<ModelFormatException>(
            () => NetworkJson.Read($$"""{"name":"x","input":[1,1,1],"layers":[{{layers}}]}""", file: null));

        Assert.Contains("10001 layers", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_settings_throw_naming_the_layer()
    {
        Assert.Contains("'l'", MessageOf(new LeakyRelu("l") { NegativeSlope = float.NaN }), StringComparison.Ordinal);
        Assert.Contains("'n'", MessageOf(new BatchNorm2d("n") { Epsilon = float.PositiveInfinity }), StringComparison.Ordinal);
        Assert.Contains("no name", MessageOf(new Relu("")), StringComparison.Ordinal);
        Assert.Contains("Stride is 257; expected 1 to 256", MessageOf(new Conv2d("c", 1, 1) { Stride = 257 }), StringComparison.Ordinal);

        static string MessageOf(Layer layer) =>
            Assert.ThrowsAny<ArgumentException>(() => new Network("x", new Shape(1, 4, 4), [layer])).Message;
    }

    [Fact]
    public void A_negative_variance_throws()
    {
        var network = new Network("x", new Shape(1, 2, 2), [new BatchNorm2d("n")]);
        StateDict good = WeightInitialization.Create(network, seed: 1);
        var bad = new StateDict(
            good.Select(
                pair => pair.Key == "n.running_var" ? KeyValuePair.Create(pair.Key, new WeightTensor([1], new float[] { -1 })) : pair));

        Assert.Contains(
            "n.running_var", Assert.Throws<ArgumentException>(() => new Model(network, bad, "n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dimensions_whose_product_overflows_throw()
    {
        Assert.Throws<ArgumentException>(() => new WeightTensor([int.MaxValue, int.MaxValue, int.MaxValue], new float[1]));
        Assert.Throws<ArgumentException>(() => new WeightTensor(default, new float[1]));
        Assert.Equal(0, new WeightTensor([int.MaxValue, int.MaxValue, 0], ReadOnlyMemory<float>.Empty).Values.Length);
    }
}
