namespace SimNet.Models.Tests;

public class MaxPool2dTests
{
    // PyTorch 1.13's F.max_pool2d(torch.zeros(1, 1, size, size), kernel, stride, ceil_mode=True).shape[2]; 0 if it throws.
    [Theory]
    [InlineData(109, 3, 2, 54)]
    [InlineData(111, 3, 2, 55)]
    [InlineData(54, 3, 2, 27)]
    [InlineData(6, 3, 2, 3)]
    [InlineData(7, 3, 2, 3)]
    [InlineData(2, 3, 2, 1)]
    [InlineData(1, 3, 2, 0)]
    [InlineData(1, 2, 2, 1)]
    [InlineData(4, 2, 3, 2)]
    [InlineData(5, 2, 3, 2)]
    [InlineData(6, 1, 4, 2)]
    [InlineData(5, 1, 5, 1)]
    [InlineData(6, 2, 5, 2)]
    [InlineData(5, 2, 5, 1)]
    public void Ceil_mode_has_the_number_of_windows_of_PyTorch(int size, int kernel, int stride, int expected)
    {
        var pool = new MaxPool2d("pool", kernel) { Stride = stride, CeilMode = true };
        if (expected == 0)
        {
            Assert.Throws<ArgumentException>(() => pool.InferShape([new Shape(1, size, size)]));
        }
        else
        {
            Assert.Equal(new Shape(1, expected, expected), pool.InferShape([new Shape(1, size, size)]));
        }
    }

    // As above, with padding on both sides.
    [Theory]
    [InlineData(7, 3, 2, 1, false, 4)]
    [InlineData(7, 3, 2, 1, true, 4)]
    [InlineData(8, 3, 2, 1, false, 4)]
    [InlineData(8, 3, 2, 1, true, 5)]
    [InlineData(112, 3, 2, 1, false, 56)]
    [InlineData(112, 3, 2, 1, true, 57)]
    [InlineData(5, 2, 3, 1, false, 2)]
    [InlineData(5, 2, 3, 1, true, 2)]
    [InlineData(6, 2, 5, 1, false, 2)]
    [InlineData(6, 2, 5, 1, true, 2)]
    [InlineData(4, 3, 5, 1, false, 1)]
    [InlineData(4, 3, 5, 1, true, 1)]
    [InlineData(9, 4, 3, 2, false, 4)]
    [InlineData(9, 4, 3, 2, true, 4)]
    [InlineData(10, 5, 4, 2, false, 3)]
    [InlineData(10, 5, 4, 2, true, 3)]
    [InlineData(3, 5, 2, 2, false, 2)]
    [InlineData(3, 5, 2, 2, true, 2)]
    public void Padded_pooling_has_the_number_of_windows_of_PyTorch(int size, int kernel, int stride, int padding, bool ceil, int expected)
    {
        Assert.Equal(
            new Shape(1, expected, expected),
            new MaxPool2d("pool", kernel) { Stride = stride, Padding = padding, CeilMode = ceil }.InferShape([new Shape(1, size, size)]));
        Assert.Equal(
            new Shape(1, expected, expected),
            new AveragePool2d("pool", kernel)
            {
                Stride = stride,
                Padding = padding,
                CeilMode = ceil,
            }.InferShape([new Shape(1, size, size)]));
    }
}
