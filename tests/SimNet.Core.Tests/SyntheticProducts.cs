using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core.Tests;

/// <summary>Small images whose likeness is known: flat gray with a bright square whose place says what is like what.</summary>
internal static class SyntheticProducts
{
    /// <summary>A 32x32 image, a 8x8 square at x on the line y = 12.</summary>
    public static Image CreateImage(int x, byte background = 40)
    {
        var pixels = new byte[32 * 32];
        Array.Fill(pixels, background);
        for (int y = 12; y < 20; y++)
        {
            pixels.AsSpan((y * 32) + x, 8).Fill(230);
        }

        return new Image(32, 32, 1, pixels);
    }

    /// <summary>Products p0 to p23, each square one pixel to the right of the one before: the nearest of each are its neighbors in number.</summary>
    public static ProductCatalog Line(int count = 24) => new(Enumerable.Range(0, count).Select(i =>
        new Product($"p{i}", ImageSource.FromImage($"image {i}", CreateImage(i)))
        {
            Category = i < count / 2 ? "left" : "right",
            Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("parity", i % 2 == 0 ? "even" : "odd"),
        }));
}
