using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Compute.Tests;

/// <summary>
/// Winograd convolution and its gradients against the definition in double precision, at every vector width. Tolerance: 4e-6 of the
/// largest result plus a rounding unit times the square root of the number of products; direct float32 sums are within half of that.
/// </summary>
public sealed unsafe class WinogradConvolutionTests
{
    [Theory]
    [InlineData(VectorWidth.Bits512)]
    [InlineData(VectorWidth.Bits256)]
    [InlineData(VectorWidth.Bits128)]
    [InlineData(VectorWidth.Scalar)]
    public void Outputs_and_gradients_match_the_definition(VectorWidth width)
    {
        KernelSet kernels = KernelSet.Create(width);
        Gen<(int Channels, int Filters, int Padding, int Height, int Width, int Gap, int Seed)> settings =
            from channels in Gen.Choose(1, 70)
            from filters in Gen.Choose(1, 70)
            from padding in Gen.Choose(0, 2)
            from height in Gen.Choose(3, 14)
            from columns in Gen.Choose(3, 14)
            from gap in Gen.Choose(0, 5)
            from seed in Gen.Choose(0, 1000)
            select (channels, filters, padding, height, columns, gap, seed);
        Prop.ForAll(settings.ToArbitrary(), s => Check(kernels, s.Channels, s.Filters, s.Padding, s.Height, s.Width, s.Gap, s.Seed))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Fact]
    public void Images_of_many_blocks_match_the_definition()
        => Check(KernelSet.Create(VectorWidth.Auto), 48, 40, 1, 70, 61, 3, 1);

    private static void Check(KernelSet kernels, int channels, int filters, int padding, int height, int width, int gap, int seed)
    {
        var source = new Shape(channels, height, width);
        var target = new Shape(filters, height + 2 * padding - 2, width + 2 * padding - 2);
        int stride = filters + gap;
        int columns = GemmKernel.PaddedColumns(filters);
        var convolution = new WinogradConvolution(
            kernels, source, target, padding, stride, inputGradient: true, weightGradient: true, columns);
        PinnedBuffer<float> weights = Copy(NetworkData.Normal(filters * channels * 9, seed));
        PinnedBuffer<float> bias = Copy(NetworkData.Normal(columns, seed + 1));
        PinnedBuffer<float> input = Copy(NetworkData.Normal(source.Length, seed + 2));
        PinnedBuffer<float> gradient = Copy(NetworkData.Normal(target.Height * target.Width * stride, seed + 3));
        PinnedBuffer<float> output = Copy(NetworkData.Normal(gradient.Length, seed + 4));
        PinnedBuffer<float> inputGradient = Copy(NetworkData.Normal(source.Length, seed + 5));
        PinnedBuffer<float> sum = Copy(NetworkData.Normal(9 * channels * columns, seed + 6));
        var workspace = new PinnedBuffer<float>(convolution.WorkspaceLength);
        workspace.Span.Fill(float.NaN);

        double[] expected = NetworkData.ToDouble(output.Span.ToArray());
        double[] expectedInput = NetworkData.ToDouble(inputGradient.Span.ToArray());
        double[] expectedSum = NetworkData.ToDouble(sum.Span.ToArray());
        for (int y = 0; y < target.Height; y++)
        {
            for (int x = 0; x < target.Width; x++)
            {
                for (int f = 0; f < filters; f++)
                {
                    int at = (y * target.Width + x) * stride + f;
                    expected[at] = bias.Span[f];
                    for (int tap = 0; tap < 9; tap++)
                    {
                        int sy = y + tap / 3 - padding;
                        int sx = x + tap % 3 - padding;
                        for (int c = 0; c < channels && sy >= 0 && sy < height && sx >= 0 && sx < width; c++)
                        {
                            int from = (sy * width + sx) * channels + c;
                            double weight = weights.Span[(f * channels + c) * 9 + tap];
                            expected[at] += weight * input.Span[from];
                            expectedInput[from] += weight * gradient.Span[at];
                            expectedSum[(tap * channels + c) * columns + f] += (double)input.Span[from] * gradient.Span[at];
                        }
                    }

                    expected[at] = expected[at] < 0 ? 0.25 * expected[at] : expected[at];
                }
            }
        }

        convolution.Pack(weights.Pointer);
        int prepared = -1;
        for (int unit = 0; unit < convolution.Units; unit++)
        {
            convolution.Forward(
                unit,
                input.Pointer,
                output.Pointer,
                bias.Pointer,
                Epilogue.Activate(Activation.LeakyRelu(0.25f)),
                workspace.Pointer,
                ref prepared);
        }

        workspace.Span.Fill(float.NaN);
        convolution.Backward(input.Pointer, gradient.Pointer, inputGradient.Pointer, sum.Pointer, workspace.Pointer);
        AssertClose(expected, output, channels * 9, "output");
        AssertClose(expectedInput, inputGradient, filters * 9, "input gradient");
        AssertClose(expectedSum, sum, target.Height * target.Width, "weight gradient");
    }

    private static void AssertClose(double[] expected, PinnedBuffer<float> actual, int products, string what)
    {
        double distance = NetworkData.Distance(expected, NetworkData.Wide(actual.Span));
        Assert.True(distance < 4e-6 + 1.2e-7 * Math.Sqrt(products), $"{what} is off by {distance:E1}");
    }

    private static PinnedBuffer<float> Copy(float[] values)
    {
        var buffer = new PinnedBuffer<float>(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }
}
