namespace SimNet.Models.Tests;

public class LayerEqualityTests
{
    [Fact]
    public void Layers_with_the_same_inputs_in_other_arrays_are_equal()
    {
        Layer a = new Concat("join") { Inputs = ["x", "y"] }, b = new Concat("join") { Inputs = ["x", "y"] };

        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.Equal(new Relu("r"), new Relu("r") { Inputs = default });
    }

    [Fact]
    public void Kind_name_settings_and_inputs_all_count()
    {
        Layer[] layers =
        [
            new Relu("a"), new Sigmoid("a"), new Relu("b"), new Relu("a") { Inputs = ["x"] }, new Relu("a") { Inputs = ["y"] },
            new Conv2d("a", 1, 1), new Conv2d("a", 1, 1) { Padding = 1 }, new Conv2d("a", 1, 1) { Inputs = ["x"] },
        ];

        Assert.Equal(layers.Length, layers.Distinct().Count());
    }
}
