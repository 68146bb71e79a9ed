namespace SimNet.Models.Tests;

public class NetworkJsonTests
{
    // A network of format version 1. Changing this string means that existing models can no longer be read.
    private const string EveryKind =
        """{"name":"every kind","input":[2,12,10],"layers":[""" +
        """{"kind":"Conv2d","name":"a.conv","out_channels":4,"kernel_size":3,"stride":2,"padding":1},""" +
        """{"kind":"BatchNorm2d","name":"a.norm","epsilon":0.001,"momentum":0.25},""" +
        """{"kind":"LeakyRelu","name":"a.leaky","negative_slope":0.001},""" +
        """{"kind":"MaxPool2d","name":"pool","inputs":["a.norm"],"kernel_size":3,"stride":1},""" +
        """{"kind":"ConvTranspose2d","name":"up","out_channels":3,"kernel_size":3,"stride":2,"padding":1,"output_padding":1},""" +
        """{"kind":"Relu","name":"relu"},""" +
        """{"kind":"Conv2d","name":"side \"ä\"","inputs":["relu"],"out_channels":1,"kernel_size":1,"stride":1,"padding":0},""" +
        """{"kind":"Concat","name":"join","inputs":["relu","side \"ä\"","up"]},""" +
        """{"kind":"Sigmoid","name":"sigmoid"},""" +
        """{"kind":"MaxPool2d","name":"pool.ceil","kernel_size":3,"stride":2,"ceil_mode":true},""" +
        """{"kind":"Dropout","name":"dropout","rate":0.25},""" +
        """{"kind":"GlobalAveragePool2d","name":"average"},""" +
        """{"kind":"Conv2d","name":"wide","inputs":["up"],"out_channels":6,"kernel_size":[1,3],"stride":[1,2]""" +
        ""","padding":[0,1,2,3],"dilation":[1,2],"groups":3,"has_bias":false},""" +
        """{"kind":"ConvTranspose2d","name":"tall","out_channels":6,"kernel_size":[3,1],"stride":[2,1]""" +
        ""","padding":[1,0,0,0],"output_padding":[1,0],"dilation":[2,1],"groups":3,"has_bias":false},""" +
        """{"kind":"MaxPool2d","name":"pool.padded","kernel_size":[3,2],"stride":[2,1],"padding":[1,0,2,1]},""" +
        """{"kind":"AveragePool2d","name":"pool.average","kernel_size":[2,3],"stride":[1,2],"padding":[0,1,1,2]""" +
        ""","ceil_mode":true,"count_include_padding":false},""" +
        """{"kind":"ZeroPad2d","name":"pad","padding":[1,2,3,4]},""" +
        """{"kind":"Silu","name":"silu"},""" +
        """{"kind":"HardSwish","name":"hardswish"},""" +
        """{"kind":"HardSigmoid","name":"hardsigmoid","alpha":0.25,"beta":0.75},""" +
        """{"kind":"Clip","name":"clip","minimum":-1,"maximum":2},""" +
        """{"kind":"Add","name":"add","inputs":["silu","clip"]},""" +
        """{"kind":"Multiply","name":"multiply","inputs":["add","hardswish"]},""" +
        """{"kind":"Softmax","name":"softmax"},""" +
        """{"kind":"Gelu","name":"gelu"},""" +
        """{"kind":"Power","name":"power","exponent":3},""" +
        """{"kind":"PRelu","name":"prelu"},""" +
        """{"kind":"LayerNorm2d","name":"layernorm","epsilon":0.25},""" +
        """{"kind":"L2Normalization","name":"unit","epsilon":0.5},""" +
        """{"kind":"LogSoftmax","name":"logsoftmax"},""" +
        """{"kind":"ChannelShuffle","name":"shuffle","groups":3},""" +
        """{"kind":"Slice","name":"slice","first_channel":1,"channels":3,"crop":[1,0,2,1],"step":[2,1]},""" +
        """{"kind":"Flatten","name":"flatten"}]}""";

    [Fact]
    public void The_sample_network_has_every_kind_of_layer()
    {
        IEnumerable<string> kinds = typeof(Layer).Assembly.GetTypes().Where(
            t => t.IsSubclassOf(typeof(Layer)) && !t.IsAbstract).Select(t => t.Name);
        Assert.Equal(
            kinds.Order(StringComparer.Ordinal),
            SampleNetworks.EveryKind.Layers.Select(l => l.Kind).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_setting_of_every_layer_round_trips()
    {
        Network read = NetworkJson.Read(NetworkJson.Write(SampleNetworks.EveryKind), null);

        Assert.Equal(SampleNetworks.EveryKind.Layers.AsEnumerable(), read.Layers.AsEnumerable());
        Assert.Equal(SampleNetworks.EveryKind.OutputShapes.AsEnumerable(), read.OutputShapes.AsEnumerable());
    }

    [Fact]
    public void Version_1_is_written_the_same_in_every_culture()
    {
        using var comma = new CommaCulture();
        Assert.Equal(EveryKind, NetworkJson.Write(SampleNetworks.EveryKind));
        Assert.Equal(EveryKind, NetworkJson.Write(NetworkJson.Read(EveryKind, null)));
    }

    [Fact]
    public void The_autoencoder_round_trips()
    {
        Network network = DenoisingAutoencoder.Create();
        Assert.Equal(network.Layers.AsEnumerable(), NetworkJson.Read(NetworkJson.Write(network), null).Layers.AsEnumerable());
    }

    [Theory]
    [InlineData("\"kind\":\"Relu\"", "\"kind\":\"Tanh\"", "Tanh")]
    [InlineData("\"padding\":0", "\"padding\":0,\"dilated\":2", "'dilated'")]
    [InlineData("\"padding\":0", "\"padding\":[0,0]", "2 numbers")]
    [InlineData("\"kernel_size\":[1,3]", "\"kernel_size\":[1,3,1]", "3 numbers")]
    [InlineData("\"kernel_size\":[1,3]", "\"kernel_size\":[1,0]", "KernelSize is 0")]
    [InlineData("\"groups\":3", "\"groups\":5", "Groups is 5")]
    [InlineData("\"dilation\":[1,2]", "\"dilation\":[1,1024]", "KernelSize dilated by Dilation is 2049")]
    [InlineData("\"padding\":[1,0,2,1]", "\"padding\":[1,0,3,1]", "Padding is 3")]
    [InlineData("\"has_bias\":false", "\"has_bias\":0", "'has_bias'")]
    [InlineData("\"maximum\":2", "\"maximum\":-2", "Minimum is -1")]
    [InlineData("[\"silu\",\"clip\"]", "[\"silu\",\"pool\"]", "expected the same shape")]
    [InlineData("[\"add\",\"hardswish\"]", "[\"add\",\"pool\"]", "expected the same shape")]
    [InlineData(",\"padding\":0", "", "lacks 'padding'")]
    [InlineData("\"padding\":0", "\"padding\":0,\"padding\":0", "padding")]
    [InlineData("\"padding\":0", "\"padding\":0.5", "'padding'")]
    [InlineData("\"padding\":0", "\"padding\":\"0\"", "'padding'")]
    [InlineData("\"padding\":0", "\"padding\":-1", "Padding is -1")]
    [InlineData("\"padding\":0", "\"padding\":1073741823", "Padding is 1073741823")]
    [InlineData("\"stride\":2,\"padding\":1,", "\"stride\":2147483647,\"padding\":1,", "Stride is 2147483647")]
    [InlineData("\"out_channels\":4", "\"out_channels\":2147483647", "overflow")]
    [InlineData("[2,12,10]", "[2,12]", "2 dimensions")]
    [InlineData("[2,12,10]", "[2,-12,10]", "-12")]
    [InlineData("[2,12,10]", "[2,2147483646,2147483646]", "overflow")]
    [InlineData("\"epsilon\":0.001", "\"epsilon\":1e99", "'epsilon'")]
    [InlineData("\"epsilon\":0.001", "\"epsilon\":0", "Epsilon is 0")]
    [InlineData("[\"a.norm\"]", "[\"nowhere\"]", "'nowhere'")]
    [InlineData("[\"a.norm\"]", "[null]", "'inputs'")]
    [InlineData("\"name\":\"relu\"", "\"name\":\"up\"", "'up'")]
    [InlineData("\"name\":\"relu\"", "\"name\":\"\"", "'name'")]
    [InlineData("\"name\":\"relu\"", "\"name\":\"\\ud800\"", "")]
    [InlineData("{\"kind\":\"Relu\",\"name\":\"relu\"}", "7", "layer 5")]
    [InlineData("{\"kind\":\"Relu\",\"name\":\"relu\"}", "{\"kind\":\"Relu\",\"name\":\"relu\",\"x\":{\"y\":[]}}", "depth")]
    [InlineData("\"name\":\"every kind\"", "\"name\":\"every kind\",\"author\":\"x\"", "'author'")]
    [InlineData("\"ceil_mode\":true", "\"ceil_mode\":1", "'ceil_mode'")]
    [InlineData("\"rate\":0.25", "\"rate\":1", "Rate is 1")]
    [InlineData("]}", "]", "")]
    public void Invalid_JSON_throws_naming_the_problem(string from, string to, string named)
    {
        Assert.Contains(from, EveryKind, StringComparison.Ordinal);
        var exception = Assert.Throws<ModelFormatException>(
            () => NetworkJson.Read(EveryKind.Replace(from, to, StringComparison.Ordinal), "file.x"));

        Assert.Contains(named, exception.Problem, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("file.x", exception.File);
    }
}
