using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Embeddings.Tests;

public class ResizeTests
{
    [Fact]
    public void Every_value_is_the_exact_filter_result_rounded_to_nearest()
    {
        var sizes = Gen.Choose(1, 40).Four().ToArbitrary();
        var kinds = Gen.Choose(0, 1 << 20).ToArbitrary();
        Prop.ForAll(sizes, kinds, (size, kind) =>
        {
            (int width, int height, int newWidth, int newHeight) = size;
            int channels = (kind & 1) == 0 ? 1 : 3;
            ResizeFilter filter = (kind & 2) == 0 ? ResizeFilter.Area : ResizeFilter.Bilinear;
            Image image = TestImages.Noise(width, height, channels, kind);
            Image resized = image.Resize(newWidth, newHeight, filter);
            Assert.Equal((newWidth, newHeight, channels), (resized.Width, resized.Height, resized.Channels));
            for (int y = 0; y < newHeight; y++)
            {
                for (int x = 0; x < newWidth; x++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        double exact = filter == ResizeFilter.Area ? Area(image, resized, x, y, c) : Bilinear(image, resized, x, y, c);
                        Assert.Equal((int)Math.Floor(exact + 0.5 + 1e-9), resized.At(x, y, c));
                    }
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(60, 80, 64, 64, 3)]
    [InlineData(224, 224, 64, 64, 3)]
    [InlineData(1000, 3, 7, 64, 1)]
    public void Every_vector_width_gives_the_exact_result(int width, int height, int newWidth, int newHeight, int channels)
    {
        Image image = TestImages.Noise(width, height, channels, seed: 5);
        foreach (ResizeFilter filter in new[] { ResizeFilter.Area, ResizeFilter.Bilinear })
        {
            Image resized = image.Resize(newWidth, newHeight, filter);
            for (int i = 0; i < resized.Pixels.Length; i++)
            {
                int c = i % channels, x = i / channels % newWidth, y = i / channels / newWidth;
                double exact = filter == ResizeFilter.Area ? Area(image, resized, x, y, c) : Bilinear(image, resized, x, y, c);
                Assert.Equal((int)Math.Floor(exact + 0.5 + 1e-9), resized.Pixels[i]);
            }
        }
    }

    [Fact]
    public void Adaptive_is_area_when_shrinking_and_bilinear_when_enlarging()
    {
        Image image = TestImages.Noise(60, 80, 3, seed: 4);
        TestImages.AssertSame(image.Resize(30, 20, ResizeFilter.Area), image.Resize(30, 20, ResizeFilter.Adaptive));
        TestImages.AssertSame(image.Resize(112, 112, ResizeFilter.Bilinear), image.Resize(112, 112, ResizeFilter.Adaptive));

        Image mixed = image.Resize(64, 64, ResizeFilter.Adaptive);
        Image twice = image.Resize(64, 80, ResizeFilter.Bilinear).Resize(64, 64, ResizeFilter.Area);
        Assert.All(mixed.Pixels.ToArray().Zip(twice.Pixels.ToArray()), pair => Assert.Equal(pair.Second, (double)pair.First, tolerance: 1));
    }

    [Fact]
    public void Resizing_preserves_the_mean_and_uniform_images()
    {
        Image image = TestImages.Noise(96, 72, 1, seed: 3);
        Assert.Equal(Mean(image), Mean(image.Resize(32, 24)), tolerance: 0.05);
        Assert.Equal(Mean(image), Mean(image.Resize(37, 29)), tolerance: 0.05);
        foreach (ResizeFilter filter in Enum.GetValues<ResizeFilter>())
        {
            var color = new RgbColor(255, 254, 1);
            TestImages.AssertSame(TestImages.Constant(31, 50, color), TestImages.Constant(77, 13, color).Resize(31, 50, filter));
        }

        static double Mean(Image image) => image.Pixels.ToArray().Average(p => (double)p);
    }

    [Fact]
    public void Halves_round_up()
    {
        var image = new Image(2, 1, 1, [10, 11]);
        Assert.Equal([11], image.Resize(1, 1, ResizeFilter.Area).Pixels.ToArray());
        Assert.Equal([11], image.Resize(1, 1, ResizeFilter.Bilinear).Pixels.ToArray());
    }

    [Fact]
    public void Millions_of_rows_are_averaged_without_overflow()
    {
        const int height = 9_000_001;
        byte[] pixels = new byte[height];
        Array.Fill(pixels, (byte)255);
        pixels.AsSpan(height - (height / 3)).Clear();
        Image resized = new Image(1, height, 1, pixels).Resize(1, 3);
        Assert.Equal([255, 255, 0], resized.Pixels.ToArray());
        Assert.Equal(170, new Image(1, height, 1, pixels).Resize(2, 1).Pixels[1]);
    }

    [Theory]
    [InlineData(200_000, 1, 5, 5)]
    [InlineData(200_000, 3, 7, 2)]
    [InlineData(70_001, 2, 40_000, 1)]
    public void Wide_images_give_the_exact_result(int width, int height, int newWidth, int newHeight)
    {
        foreach (int channels in new[] { 1, 3 })
        {
            Image image = TestImages.Noise(width, height, channels, seed: 11);
            foreach (ResizeFilter filter in new[] { ResizeFilter.Area, ResizeFilter.Bilinear })
            {
                Image resized = image.Resize(newWidth, newHeight, filter);
                for (int i = 0; i < resized.Pixels.Length; i++)
                {
                    int c = i % channels, x = i / channels % newWidth, y = i / channels / newWidth;
                    double exact = filter == ResizeFilter.Area ? Area(image, resized, x, y, c) : Bilinear(image, resized, x, y, c);
                    Assert.Equal(exact, resized.Pixels[i], tolerance: 0.5 + 1e-6);
                }
            }
        }
    }

    [Fact]
    public void A_very_wide_image_is_resized_in_memory_of_the_size_of_the_result()
    {
        var image = new Image(4_000_000, 1, 3, new byte[12_000_000]);
        _ = image.Resize(64, 64, ResizeFilter.Adaptive);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = image.Resize(64, 64, ResizeFilter.Adaptive);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Resizing_to_the_same_size_returns_the_input()
    {
        Image image = TestImages.Noise(5, 4, 3, seed: 1);
        Assert.Same(image, image.Resize(5, 4));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, -1)]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData(int.MaxValue, 1)]
    public void Sizes_out_of_range_throw(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TestImages.Noise(5, 4, 3, seed: 1).Resize(width, height));

    [Fact]
    public void Row_sums_are_the_same_at_every_vector_width()
    {
        var random = new Random(8);
        for (int length = 0; length < 300; length++)
        {
            byte[] row = new byte[length];
            random.NextBytes(row);
            int weight = random.Next(1, 8_000_000);
            int[] start = [.. Enumerable.Range(0, length).Select(_ => random.Next(1000))];
            int[] expected = [.. start.Zip(row, (sum, value) => sum + (weight * value))];
            foreach (int bits in new[] { 0, 128, 256, 512 })
            {
                int[] sums = [.. start];
                WeightedRowSum.Add(row, weight, sums, bits);
                Assert.Equal(expected, sums);
            }
        }
    }

    [Fact]
    public void Division_by_multiplication_is_exact()
    {
        var random = new Random(9);
        for (int i = 0; i < 200_000; i++)
        {
            ulong divisor = (ulong)random.NextInt64(1, 1L << random.Next(1, 34));
            ulong quotient = (ulong)random.Next(0, 255);
            var division = new RoundedDivision(divisor);
            ulong half = quotient * divisor + ((divisor + 1) / 2);
            Assert.Equal(quotient + 1, division.Divide(half));
            Assert.Equal(quotient, division.Divide(half - 1));
            Assert.Equal(255UL, division.Divide(255 * divisor));
        }
    }

    private static double Area(Image from, Image to, int x, int y, int channel)
    {
        double stepX = (double)from.Width / to.Width, stepY = (double)from.Height / to.Height, sum = 0;
        for (int v = (int)(y * stepY); v < Math.Min(from.Height, Math.Ceiling((y + 1) * stepY)); v++)
        {
            double high = Math.Max(0, Math.Min((y + 1) * stepY, v + 1) - Math.Max(y * stepY, v));
            for (int u = (int)(x * stepX); u < Math.Min(from.Width, Math.Ceiling((x + 1) * stepX)); u++)
            {
                sum += high * Math.Max(0, Math.Min((x + 1) * stepX, u + 1) - Math.Max(x * stepX, u)) * from.At(u, v, channel);
            }
        }

        return sum / (stepX * stepY);
    }

    private static double Bilinear(Image from, Image to, int x, int y, int channel)
    {
        double u = ((x + 0.5) * from.Width / to.Width) - 0.5, v = ((y + 0.5) * from.Height / to.Height) - 0.5;
        double left = Math.Floor(u), top = Math.Floor(v);
        return (At(left, top) * (1 - (u - left)) * (1 - (v - top))) + (At(left + 1, top) * (u - left) * (1 - (v - top)))
            + (At(left, top + 1) * (1 - (u - left)) * (v - top)) + (At(left + 1, top + 1) * (u - left) * (v - top));

        double At(double column, double row) =>
            from.At((int)Math.Clamp(column, 0, from.Width - 1), (int)Math.Clamp(row, 0, from.Height - 1), channel);
    }
}
