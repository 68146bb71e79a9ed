using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core.Tests;

/// <summary>Products with small images, a bright square on gray, whose similarity is that of the positions of the squares.</summary>
internal static class SyntheticProducts
{
    /// <summary>A 32x32 image with an 8x8 square at (x, 12).</summary>
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

    /// <summary>Products p0 to p23, with squares one pixel apart. The nearest products of each have adjacent numbers.</summary>
    public static ProductCatalog Line(int count = 24) => new(Enumerable.Range(0, count).Select(i =>
        new Product($"p{i}", ImageSource.FromImage($"image {i}", CreateImage(i)))
        {
            Category = i < count / 2 ? "left" : "right",
            Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("parity", i % 2 == 0 ? "even" : "odd"),
        }));
}
