namespace SimNet.Embeddings.Tests;

public class ImageOperationsTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(10, 200, 30, 124)]
    public void Gray_is_BT601_luma(byte red, byte green, byte blue, byte expected)
    {
        Image gray = TestImages.Constant(2, 3, new RgbColor(red, green, blue)).ToGray();
        Assert.Equal(1, gray.Channels);
        Assert.All(gray.Pixels.ToArray(), value => Assert.Equal(expected, value));
    }

    [Fact]
    public void Luma_is_the_weighted_sum_rounded_and_preserves_gray()
    {
        for (int i = 0; i < 1 << 24; i += 16 + (i & 1))
        {
            var color = new RgbColor((byte)(i >> 16), (byte)(i >> 8), (byte)i);
            double exact = (0.299 * color.Red) + (0.587 * color.Green) + (0.114 * color.Blue);
            Assert.True(Math.Abs(color.Luma - exact) <= 0.5 + 0.005, $"{color}");
        }

        for (int value = 0; value < 256; value++)
        {
            Assert.Equal(value, new RgbColor((byte)value, (byte)value, (byte)value).Luma);
        }
    }

    [Fact]
    public void Luma_is_the_same_at_every_vector_width()
    {
        for (int length = 0; length < 70; length++)
        {
            byte[] rgb = new byte[3 * length];
            new Random(length).NextBytes(rgb);
            byte[] expected = [.. rgb.Chunk(3).Select(pixel => new RgbColor(pixel[0], pixel[1], pixel[2]).Luma)];
            foreach (int bits in new[] { 0, 128, 256, 512 })
            {
                byte[] gray = new byte[length];
                LumaConversion.Convert(rgb, gray, bits);
                Assert.Equal(expected, gray);
            }
        }
    }

    [Fact]
    public void Converting_gray_to_rgb_and_back_is_lossless()
    {
        Image gray = TestImages.Noise(7, 5, 1, seed: 2);
        Image rgb = gray.ToRgb();
        Assert.Equal(3, rgb.Channels);
        Assert.Equal(gray.At(6, 4), rgb.At(6, 4, 2));
        TestImages.AssertSame(gray, rgb.ToGray());
        Assert.Same(gray, gray.ToGray());
        Assert.Same(rgb, rgb.ToRgb());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Cropping_a_padded_image_restores_it(int channels)
    {
        Image image = TestImages.Noise(9, 6, channels, seed: 4);
        var color = new RgbColor(250, 100, 3);
        Image padded = image.Pad(2, 3, 4, 5, color);
        Assert.Equal((15, 14), (padded.Width, padded.Height));
        TestImages.AssertSame(image, padded.Crop(2, 3, 9, 6));
        Image border = TestImages.Constant(15, 3, color);
        TestImages.AssertSame(channels == 3 ? border : border.ToGray(), padded.Crop(0, 0, 15, 3));
        Image right = TestImages.Constant(4, 14, color);
        TestImages.AssertSame(channels == 3 ? right : right.ToGray(), padded.Crop(11, 0, 4, 14));
        Assert.Same(image, image.Pad(0, 0, 0, 0, color));
        Assert.Same(image, image.Crop(0, 0, 9, 6));
    }

    [Theory]
    [InlineData(-1, 0, 1, 1)]
    [InlineData(0, 4, 1, 1)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(3, 0, 3, 1)]
    [InlineData(0, 1, 1, int.MaxValue)]
    public void A_crop_beyond_the_image_throws(int x, int y, int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TestImages.Noise(5, 4, 3, seed: 1).Crop(x, y, width, height));

    [Fact]
    public void A_negative_or_too_large_border_throws()
    {
        Image image = TestImages.Noise(5, 4, 3, seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Pad(0, -1, 0, 0, RgbColor.White));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Pad(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, RgbColor.White));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 8)]
    [InlineData(1, 7)]
    [InlineData(3, 1)]
    public void Flipping_reverses_columns_and_flipping_twice_restores_the_image(int channels, int width)
    {
        Image image = TestImages.Noise(width, 5, channels, seed: 6);
        Image flipped = image.FlipHorizontal();
        for (int y = 0; y < 5; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    Assert.Equal(image.At(width - 1 - x, y, c), flipped.At(x, y, c));
                }
            }
        }

        TestImages.AssertSame(image, flipped.FlipHorizontal());
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(3, 10)]
    public void Rotation_by_90_degrees_is_counterclockwise_and_exact(int channels, int size)
    {
        Image image = TestImages.Noise(size, size, channels, seed: 7);
        Image rotated = image.Rotate(90, RgbColor.White);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                Assert.Equal(image.At(size - 1 - y, x, channels - 1), rotated.At(x, y, channels - 1));
            }
        }

        TestImages.AssertSame(image, rotated.Rotate(270, RgbColor.White));
        TestImages.AssertSame(image, image.Rotate(180, RgbColor.White).Rotate(-180, RgbColor.White));
        Assert.Same(image, image.Rotate(-720, RgbColor.White));
    }

    [Fact]
    public void Rotation_matches_double_precision_interpolation_and_fills_the_corners()
    {
        Image image = TestImages.Gradient(31, 22, 3);
        var fill = new RgbColor(1, 200, 90);
        Image rotated = image.Rotate(30, fill);
        double cos = Math.Cos(Math.PI / 6), sin = Math.Sin(Math.PI / 6);
        for (int y = 0; y < 22; y++)
        {
            for (int x = 0; x < 31; x++)
            {
                double dx = x - 15, dy = y - 10.5;
                double u = 15 + (dx * cos) - (dy * sin), v = 10.5 + (dx * sin) + (dy * cos);
                double left = Math.Floor(u), top = Math.Floor(v), right = u - left, down = v - top;
                double exact = ((1 - right) * (1 - down) * At(left, top)) + (right * (1 - down) * At(left + 1, top))
                    + ((1 - right) * down * At(left, top + 1)) + (right * down * At(left + 1, top + 1));
                Assert.Equal(exact, rotated.At(x, y, 1), tolerance: 2.5);
            }
        }

        Assert.Equal((1, 200, 90), (rotated.At(0, 0), rotated.At(0, 0, 1), rotated.At(0, 0, 2)));

        double At(double x, double y) => x < 0 || y < 0 || x > 30 || y > 21 ? 200 : image.At((int)x, (int)y, 1);
    }

    [Fact]
    public void A_nan_angle_throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TestImages.Noise(5, 4, 3, seed: 1).Rotate(double.NaN, RgbColor.White));
}
