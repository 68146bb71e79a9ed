namespace SimNet.Models.Tests;

public class ConcatTests
{
    [Fact]
    public void Channels_add_up_and_the_size_is_unchanged()
    {
        var network = new Network("fire", new Shape(3, 8, 6),
        [
            new Conv2d("squeeze", 4, 1),
            new Conv2d("expand1x1", 5, 1),
            new Conv2d("expand3x3", 7, 3) { Padding = 1, Inputs = ["squeeze"] },
            new Concat("join") { Inputs = ["expand1x1", "expand3x3", Network.InputName] },
        ]);

        Assert.Equal(new Shape(15, 8, 6), network.OutputShape);
        Assert.Equal([1, 2, -1], network.Sources[3].AsEnumerable());
        Assert.Empty(network.ParametersByLayer[3]);
    }

    [Theory]
    [InlineData(4, 6)]
    [InlineData(8, 3)]
    public void Inputs_of_different_sizes_throw_naming_the_layer(int height, int width)
    {
        var exception = Assert.Throws<ArgumentException>(
            () => new Concat("join").InferShape([new Shape(2, 8, 6), new Shape(2, height, width)]));
        Assert.Contains("'join'", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{height}x{width}x2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_input_throws()
    {
        Assert.Throws<ArgumentException>(() => new Network("n", new Shape(1, 2, 2), [new Concat("join")]));
    }

    [Fact]
    public void Too_many_channels_throw_instead_of_overflowing()
    {
        Assert.Throws<OverflowException>(() => new Concat("join").InferShape([new Shape(int.MaxValue, 1, 1), new Shape(1, 1, 1)]));
    }
}
