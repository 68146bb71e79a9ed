using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core.Tests;

/// <summary>Color images that depend on a seed: blocks of random colors on a white background.</summary>
internal static class SyntheticImages
{
    public static Image Blocks(int seed, int width = 60, int height = 80)
    {
        var random = new SeededRandom(seed);
        var colors = new byte[6 * 6 * 3];
        for (int i = 0; i < colors.Length; i++)
        {
            colors[i] = (byte)random.NextInt32(256);
        }

        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, (byte)255);
        for (int y = height / 8; y < height - (height / 8); y++)
        {
            for (int x = width / 8; x < width - (width / 8); x++)
            {
                colors.AsSpan(((y * 6 / height * 6) + (x * 6 / width)) * 3, 3).CopyTo(pixels.AsSpan(((y * width) + x) * 3));
            }
        }

        return new Image(width, height, 3, pixels);
    }

    /// <summary>Changes every value by at most a given amount, as a lossy codec does.</summary>
    public static Image Recompressed(Image image, int by, int seed)
    {
        var random = new SeededRandom(seed);
        byte[] pixels = image.Pixels.ToArray();
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Clamp(pixels[i] + random.NextInt32((2 * by) + 1) - by, 0, 255);
        }

        return new Image(image.Width, image.Height, image.Channels, pixels);
    }

    public static Product Product(string id, Image image, string? kind = null) => new(id, ImageSource.FromImage(id, image))
    {
        Attributes = kind is null ? ImmutableSortedDictionary<string, string>.Empty
            : ImmutableSortedDictionary<string, string>.Empty.Add("kind", kind),
    };
}
