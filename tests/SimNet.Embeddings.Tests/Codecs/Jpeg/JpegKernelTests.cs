using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SimNet.Embeddings.Tests;

/// <summary>Compares the vector kernels with the scalar kernels, and the scalar kernels with their formulas.</summary>
public class JpegKernelTests
{
    public static TheoryData<int> InverseDctWidths() => new(new[] { 128, 256 }.Where(bits => bits == 128 || Avx2.IsSupported));

    [Theory]
    [MemberData(nameof(InverseDctWidths))]
    public void Inverse_dct_is_the_same_at_every_vector_width(int vectorBits)
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            int[] coefficients = Coefficients(seed, seed % 3 == 0 ? int.MaxValue : seed % 3 == 1 ? 40000 : 600);
            const int Stride = 11;
            byte[] expected = Enumerable.Repeat((byte)77, 100).ToArray();
            byte[] actual = [.. expected];
            InverseDct.Transform(coefficients, expected.AsSpan(3), Stride, vectorBits: 0);
            InverseDct.Transform(coefficients, actual.AsSpan(3), Stride, vectorBits);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Inverse_dct_matches_the_formula_of_the_standard()
    {
        double sum = 0;
        for (int seed = 0; seed < 500; seed++)
        {
            int[] coefficients = Coefficients(seed, 300);
            double[] expected = TestJpegEncoder.InverseDct(coefficients.Select(c => (double)c).ToArray());
            var actual = new byte[64];
            InverseDct.Transform(coefficients, actual, 8);
            for (int i = 0; i < 64; i++)
            {
                double error = actual[i] - Math.Clamp(expected[i] + 128, 0, 255);
                Assert.InRange(error, -1, 1);
                sum += error;
            }
        }

        // Rounding to nearest has no bias.
        Assert.InRange(sum / (500 * 64), -0.01, 0.01);
    }

    [Theory]
    [MemberData(nameof(InverseDctWidths))]
    public void Reduced_inverse_dcts_are_the_same_at_every_vector_width(int vectorBits)
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            int[] coefficients = Coefficients(seed, seed % 3 == 0 ? int.MaxValue : seed % 3 == 1 ? 40000 : 600);
            const int Stride = 7;
            byte[] expected = Enumerable.Repeat((byte)77, 40).ToArray();
            byte[] actual = [.. expected];
            ReducedInverseDct.Transform4(coefficients, expected.AsSpan(3), Stride, vectorBits: 0);
            ReducedInverseDct.Transform4(coefficients, actual.AsSpan(3), Stride, vectorBits);
            Assert.Equal(expected, actual);
            ReducedInverseDct.Transform2(coefficients, expected.AsSpan(3), Stride, vectorBits: 0);
            ReducedInverseDct.Transform2(coefficients, actual.AsSpan(3), Stride, vectorBits);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    [InlineData(1)]
    public void Reduced_inverse_dcts_are_means_of_the_full_transform(int size)
    {
        for (int seed = 0; seed < 500; seed++)
        {
            int[] coefficients = Coefficients(seed, 60);
            double[] full = TestJpegEncoder.InverseDct(coefficients.Select(c => (double)c).ToArray());
            var actual = new byte[size * size];
            switch (size)
            {
                case 4:
                    ReducedInverseDct.Transform4(coefficients, actual, 4, vectorBits: 0);
                    break;
                case 2:
                    ReducedInverseDct.Transform2(coefficients, actual, 2, vectorBits: 0);
                    break;
                default:
                    actual[0] = InverseDct.DcSample(coefficients[0]);
                    break;
            }

            int step = 8 / size;
            for (int i = 0; i < actual.Length; i++)
            {
                double mean = Enumerable.Range(0, step * step)
                    .Average(j => full[8 * (i / size * step + j / step) + i % size * step + j % step]);
                Assert.InRange(actual[i] - Math.Clamp(mean + 128, 0, 255), -1, 1);
            }
        }
    }

    [Fact]
    public void The_dc_only_transform_equals_the_full_transform()
    {
        for (int coefficient = -3000; coefficient <= 3000; coefficient++)
        {
            var coefficients = new int[64];
            coefficients[0] = coefficient;
            var expected = new byte[64];
            var actual = new byte[64];
            InverseDct.Transform(coefficients, expected, 8, vectorBits: 0);
            InverseDct.TransformDcOnly(coefficient, actual, 8);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Color_conversion_is_the_same_at_every_vector_width(int vectorBits)
    {
        for (int length = 1; length <= 130; length++)
        {
            byte[] y = Bytes(length + 5, 1);
            byte[] cb = Bytes(length, 2);
            byte[] cr = Bytes(length, 3);
            var expected = new byte[3 * length];
            var actual = new byte[3 * length];
            ColorConversion.YCbCrToRgb(y, cb, cr, expected, vectorBits: 0);
            ColorConversion.YCbCrToRgb(y, cb, cr, actual, vectorBits);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Color_conversion_matches_the_formula_of_the_standard(int vectorBits)
    {
        var y = new byte[256];
        var cb = new byte[256];
        var cr = new byte[256];
        var rgb = new byte[768];
        for (int i = 0; i < 256; i++)
        {
            cr[i] = (byte)i;
        }

        for (int luma = 0; luma < 256; luma += 5)
        {
            for (int blueness = 0; blueness < 256; blueness += 3)
            {
                y.AsSpan().Fill((byte)luma);
                cb.AsSpan().Fill((byte)blueness);
                ColorConversion.YCbCrToRgb(y, cb, cr, rgb, vectorBits);
                for (int redness = 0; redness < 256; redness++)
                {
                    // Rounding to nearest, with 0.02 for the five-digit coefficients of libjpeg.
                    double red = luma + 1.402 * (redness - 128);
                    double green = luma - 0.344136 * (blueness - 128) - 0.714136 * (redness - 128);
                    double blue = luma + 1.772 * (blueness - 128);
                    Assert.InRange(rgb[3 * redness] - Math.Clamp(red, 0, 255), -0.52, 0.52);
                    Assert.InRange(rgb[3 * redness + 1] - Math.Clamp(green, 0, 255), -0.52, 0.52);
                    Assert.InRange(rgb[3 * redness + 2] - Math.Clamp(blue, 0, 255), -0.52, 0.52);
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Fancy_upsampling_matches_its_definition_at_every_length(int vectorBits)
    {
        for (int length = 1; length <= 130; length++)
        {
            byte[] near = Bytes(length, 4);
            byte[] far = Bytes(length, 5);
            var sums = new ushort[length + 2];
            FancyUpsampling.Weigh(near, far, sums.AsSpan(1, length), vectorBits);
            for (int i = 0; i < length; i++)
            {
                Assert.Equal(3 * near[i] + far[i], sums[i + 1]);
            }

            Assert.Equal((0, 0), (sums[0], sums[^1]));
            sums[0] = sums[1];
            sums[^1] = sums[^2];
            var doubled = new byte[2 * length + 1];
            FancyUpsampling.Double(sums, 8, 7, 4, doubled, vectorBits);
            for (int i = 0; i < length; i++)
            {
                Assert.Equal((3 * sums[i + 1] + sums[i] + 8) / 16, doubled[2 * i]);
                Assert.Equal((3 * sums[i + 1] + sums[i + 2] + 7) / 16, doubled[2 * i + 1]);
            }

            Assert.Equal(0, doubled[^1]);
            var quartered = new byte[length + 1];
            FancyUpsampling.Quarter(sums.AsSpan(1, length), 2, quartered);
            for (int i = 0; i < length; i++)
            {
                Assert.Equal((sums[i + 1] + 2) / 4, quartered[i]);
            }

            Assert.Equal(0, quartered[^1]);
        }
    }

    [Fact]
    public void Interleaving_keeps_the_order_of_pixels_and_channels()
    {
        byte[] values = Enumerable.Range(0, 48).Select(i => (byte)(i + 1)).ToArray();
        var target = new byte[50];
        Vector128<byte>[] planes = [.. Enumerable.Range(0, 3)
            .Select(c => Vector128.Create(Enumerable.Range(0, 16).Select(i => values[3 * i + c]).ToArray()))];
        PixelInterleaving.Store(planes[0], planes[1], planes[2], ref target[0], 1);
        Assert.Equal([0, .. values, 0], target);
    }

    private static int[] Coefficients(int seed, int range)
    {
        var random = new SeededRandom(seed);
        var coefficients = new int[64];
        int count = 1 + random.NextInt32(64);
        for (int i = 0; i < count; i++)
        {
            int value = random.NextInt32(range);
            coefficients[i] = random.NextInt32(2) == 0 ? value : -value;
        }

        return coefficients;
    }

    /// <summary>Random bytes, half of them at the ends of the range.</summary>
    private static byte[] Bytes(int count, int seed)
    {
        var random = new SeededRandom(seed, count);
        var bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = random.NextInt32(4) switch { 0 => 0, 1 => 255, _ => (byte)random.NextInt32(256) };
        }

        return bytes;
    }
}
