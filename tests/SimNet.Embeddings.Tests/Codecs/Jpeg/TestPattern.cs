namespace SimNet.Embeddings.Tests;

/// <summary>Synthetic images with gradients, noise, hard edges and saturated values, on which decoders differ.</summary>
internal static class TestPattern
{
    /// <summary>A plane that depends on the seed.</summary>
    public static Func<int, int, double> Plane(int seed) => (x, y) =>
    {
        double gradient = 128 + 90 * Math.Sin((x * 0.11) + (y * 0.07) + seed);
        double noise = new SeededRandom(seed, x, y).NextInt32(41) - 20;
        double edge = (x / 5 + y / 7 + seed) % 4 == 0 ? 110 : 0;
        return Math.Clamp(gradient + noise + edge, 0, 255);
    };

    /// <summary>A binary PPM file (P6).</summary>
    public static byte[] Ppm(int width, int height, int seed)
    {
        Func<int, int, double>[] planes = [Plane(seed), Plane(seed + 1), Plane(seed + 2)];
        var pixels = new List<byte>();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                pixels.AddRange(planes.Select(plane => (byte)plane(x, y)));
            }
        }

        return [.. System.Text.Encoding.ASCII.GetBytes($"P6\n{width} {height}\n255\n"), .. pixels];
    }

    /// <summary>An encoder for an image of three components.</summary>
    public static TestJpegEncoder YCbCr(int width, int height, int horizontal, int vertical, int seed = 1) => new(
        width,
        height,
        new TestJpegComponent(1, horizontal, vertical, Plane(seed)),
        new TestJpegComponent(2, 1, 1, Plane(seed + 1)),
        new TestJpegComponent(3, 1, 1, Plane(seed + 2)))
    {
        HasJfif = true,
    };
}
