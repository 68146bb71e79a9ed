using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Models.Tests;

/// <summary>A transposed convolution is its convolution's adjoint: the inner products of conv(x) with y and of x with transposed(y) are the same number.</summary>
public sealed class AdjointTests
{
    [Fact]
    public void Transposed_convolution_is_the_adjoint_of_convolution()
    {
        Gen<(int Channels, int Filters, int Kernel, int Stride, int Padding, int Height, int Width, int Seed)> settings =
            from channels in Gen.Choose(1, 40)
            from filters in Gen.Choose(1, 40)
            from kernel in Gen.Choose(1, 5)
            from stride in Gen.Choose(1, 3)
            from padding in Gen.Choose(0, 2)
            from height in Gen.Choose(1, 6)
            from width in Gen.Choose(1, 6)
            from seed in Gen.Choose(0, 1000)
            select (channels, filters, kernel, stride, Math.Min(padding, (kernel - 1) / 2), height, width, seed);
        Prop.ForAll(settings.ToArbitrary(), s => Check(s.Channels, s.Filters, s.Kernel, s.Stride, s.Padding, s.Height, s.Width, s.Seed))
            .QuickCheckThrowOnFailure();
    }

    private static void Check(int channels, int filters, int kernel, int stride, int padding, int height, int width, int seed)
    {
        // Sizes of x for which the windows end at the edge, so that both layers' shapes are each other's.
        var small = new Shape(filters, height, width);
        var large = new Shape(channels, (height - 1) * stride + kernel - 2 * padding, (width - 1) * stride + kernel - 2 * padding);
        var convolution = new Network("conv", large, [new Conv2d("layer", filters, kernel) { Stride = stride, Padding = padding }]);
        var transposed = new Network("transposed", small, [new ConvTranspose2d("layer", channels, kernel) { Stride = stride, Padding = padding }]);
        Assert.Equal(small, convolution.OutputShape);
        Assert.Equal(large, transposed.OutputShape);

        float[] weights = ComputeData.Normal(channels * filters * kernel * kernel, seed);
        float[] x = ComputeData.Normal(large.Length, seed + 1);
        float[] y = ComputeData.Normal(small.Length, seed + 2);
        float[] forward = Run(convolution, weights, x);
        float[] back = Run(transposed, weights, y);
        double left = forward.Zip(y, (a, b) => (double)a * b).Sum();
        double right = x.Zip(back, (a, b) => (double)a * b).Sum();
        double scale = Math.Sqrt(forward.Sum(v => (double)v * v) * y.Sum(v => (double)v * v)) + 1;
        Assert.True(Math.Abs(left - right) < 1e-5 * scale, $"{left} and {right}");
    }

    private static float[] Run(Network network, float[] weights, float[] input)
    {
        ParameterInfo weight = network.Parameters[0];
        ParameterInfo bias = network.Parameters[1];
        var state = new StateDict(
        [
            KeyValuePair.Create(weight.Name, new WeightTensor(weight.Dimensions, weights)),
            KeyValuePair.Create(bias.Name, new WeightTensor(bias.Dimensions, new float[bias.Count])),
        ]);
        using IInferenceSession session = new ManagedBackend().CreateInferenceSession(network, state, ["layer"]);
        var output = new float[network.OutputShape.Length];
        session.Run(input, 1, [output]);
        return output;
    }
}
