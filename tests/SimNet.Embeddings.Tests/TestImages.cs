namespace SimNet.Embeddings.Tests;

/// <summary>Synthetic images.</summary>
internal static class TestImages
{
    /// <summary>An image of independent random values.</summary>
    public static Image Noise(int width, int height, int channels, int seed)
    {
        byte[] pixels = new byte[width * height * channels];
        new Random(seed).NextBytes(pixels);
        return new Image(width, height, channels, pixels);
    }

    /// <summary>An image whose values increase to the right and downward, at a different rate in each channel.</summary>
    public static Image Gradient(int width, int height, int channels)
    {
        byte[] pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i % channels, x = i / channels % width, y = i / channels / width;
            pixels[i] = (byte)(((x * 255 / Math.Max(1, width - 1)) + ((channel + 1) * y * 255 / Math.Max(1, height - 1))) / (channel + 2));
        }

        return new Image(width, height, channels, pixels);
    }

    public static Image Constant(int width, int height, RgbColor color)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i += 3)
        {
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (color.Red, color.Green, color.Blue);
        }

        return new Image(width, height, 3, pixels);
    }

    public static byte At(this Image image, int x, int y, int channel = 0) => image.Row(y)[(x * image.Channels) + channel];

    public static void AssertSame(Image expected, Image actual)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        Assert.True(
            expected.Pixels.SequenceEqual(actual.Pixels),
            $"First difference at value {expected.Pixels.CommonPrefixLength(actual.Pixels)}.");
    }
}
