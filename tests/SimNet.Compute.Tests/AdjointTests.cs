using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Compute.Tests;

/// <summary>Transposed convolution is the adjoint of convolution: &lt;conv(x), y&gt; = &lt;x, transposed(y)&gt; for all x and y.</summary>
public sealed class AdjointTests
{
    [Fact]
    public void Transposed_convolution_is_the_adjoint_of_convolution()
    {
        Gen<Setting> settings =
            from groups in Gen.Frequency((3, Gen.Constant(1)), (2, Gen.Choose(2, 5)), (1, Gen.Choose(15, 33)))
            from channels in Gen.Choose(1, 40 / groups)
            from filters in Gen.Frequency((1, Gen.Constant(channels)), (2, Gen.Choose(1, 40 / groups)))
            from kernel in Size(1, 5)
            from stride in Size(1, 3)
            from dilation in Gen.Frequency((3, Gen.Constant(new Size2d(1, 1))), (1, Size(1, 3)))
            from top in Gen.Choose(0, 3)
            from left in Gen.Choose(0, 3)
            from bottom in Gen.Choose(0, 3)
            from right in Gen.Choose(0, 3)
            from small in Size(1, 6)
            from seed in Gen.Choose(0, 1000)
            select new Setting(
                groups,
                channels * groups,
                filters * groups,
                kernel,
                stride,
                dilation,
                new Padding2d(top, left, bottom, right),
                small,
                seed);
        Prop.ForAll(settings.ToArbitrary(), Check).QuickCheckThrowOnFailure();
    }

    private static Gen<Size2d> Size(int minimum, int maximum)
        => from height in Gen.Choose(minimum, maximum) from width in Gen.Choose(minimum, maximum) select new Size2d(height, width);

    private static void Check(Setting s)
    {
        // Sizes of x for which the last window ends at the edge, so that the two layers have each other's shapes.
        int height = (s.Small.Height - 1) * s.Stride.Height + (s.Kernel.Height - 1) * s.Dilation.Height
            + 1 - s.Padding.Top - s.Padding.Bottom;
        int width = (s.Small.Width - 1) * s.Stride.Width + (s.Kernel.Width - 1) * s.Dilation.Width + 1 - s.Padding.Left - s.Padding.Right;
        if (height < 1 || width < 1)
        {
            return;
        }

        var small = new Shape(s.Filters, s.Small.Height, s.Small.Width);
        var large = new Shape(s.Channels, height, width);
        var convolution = new Network("conv", large,
        [
            new Conv2d("layer", s.Filters, s.Kernel)
            {
                Stride = s.Stride, Padding = s.Padding, Dilation = s.Dilation, Groups = s.Groups, HasBias = false,
            },
        ]);
        var transposed = new Network("transposed", small,
        [
            new ConvTranspose2d("layer", s.Channels, s.Kernel)
            {
                Stride = s.Stride, Padding = s.Padding, Dilation = s.Dilation, Groups = s.Groups, HasBias = false,
            },
        ]);
        Assert.Equal(small, convolution.OutputShape);
        Assert.Equal(large, transposed.OutputShape);

        float[] weights = NetworkData.Normal(convolution.Parameters[0].Count, s.Seed);
        float[] x = NetworkData.Normal(large.Length, s.Seed + 1);
        float[] y = NetworkData.Normal(small.Length, s.Seed + 2);
        float[] forward = Run(convolution, weights, x);
        float[] adjoint = Run(transposed, weights, y);
        double left = forward.Zip(y, (a, b) => (double)a * b).Sum();
        double right = x.Zip(adjoint, (a, b) => (double)a * b).Sum();
        double scale = Math.Sqrt(forward.Sum(v => (double)v * v) * y.Sum(v => (double)v * v)) + 1;
        Assert.True(Math.Abs(left - right) < 1e-5 * scale, $"{left} and {right}");
    }

    private static float[] Run(Network network, float[] weights, float[] input)
    {
        ParameterInfo weight = network.Parameters[0];
        var state = new StateDict([KeyValuePair.Create(weight.Name, new WeightTensor(weight.Dimensions, weights))]);
        using IInferenceSession session = new ManagedBackend().CreateInferenceSession(network, state, ["layer"]);
        var output = new float[network.OutputShape.Length];
        session.Run(input, 1, [output]);
        return output;
    }

    private sealed record Setting(
        int Groups, int Channels, int Filters, Size2d Kernel, Size2d Stride, Size2d Dilation, Padding2d Padding, Size2d Small, int Seed);
}
