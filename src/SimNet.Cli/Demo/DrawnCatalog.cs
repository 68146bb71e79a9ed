using System.Globalization;
using System.Numerics;
using SimNet.Embeddings;

namespace SimNet.Cli;

/// <summary>
/// A catalog of drawn products, so that the demo needs no download: ten categories in many shapes, colors and patterns, each slightly
/// rotated on a near-white background. A seed determines all of them.
/// </summary>
internal static class DrawnCatalog
{
    /// <summary>The width of every image, in pixels.</summary>
    public const int Width = 96;

    /// <summary>The height of every image, in pixels.</summary>
    public const int Height = 128;

    private static readonly (string Category, Action<Canvas, ProductStyle> Draw, string[] Patterns)[] Kinds =
    [
        ("Watch", WatchDrawing.Draw, ["leather strap", "metal bracelet", "rubber strap"]),
        ("Belt", BeltDrawing.Draw, ["plain", "stitched", "braided"]),
        ("Trousers", TrousersDrawing.Draw, ["plain", "faded", "striped", "checked"]),
        ("Shirt", ShirtDrawing.Draw, ["plain", "striped", "checked", "dotted"]),
        ("T-shirt", TShirtDrawing.Draw, ["plain", "striped", "printed", "two-tone"]),
        ("Dress", DressDrawing.Draw, ["plain", "dotted", "striped", "checked"]),
        ("Handbag", HandbagDrawing.Draw, ["plain", "quilted", "two-tone"]),
        ("Sunglasses", SunglassesDrawing.Draw, ["round", "square", "aviator", "cat-eye"]),
        ("Shoe", ShoeDrawing.Draw, ["plain", "striped", "two-tone"]),
        ("Cap", CapDrawing.Draw, ["plain", "two-tone", "embroidered"]),
    ];

    [ThreadStatic]
    private static Canvas? _canvas;

    /// <summary>The names of the ten categories.</summary>
    public static IReadOnlyList<string> Categories { get; } = [.. Kinds.Select(kind => kind.Category)];

    /// <summary>Draws the first products of a catalog lazily.</summary>
    /// <param name="count">The number of products; at least 0.</param>
    /// <param name="seed">The seed of the catalog.</param>
    public static IEnumerable<DrawnProduct> Draw(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Enumerable.Range(0, count).Select(index => DrawOne(index, seed));
    }

    /// <summary>Draws a product. It depends on its number and the seed only, so any thread can draw it at any time.</summary>
    /// <param name="index">The number of the product in the catalog, from 0.</param>
    /// <param name="seed">The seed of the catalog.</param>
    public static DrawnProduct DrawOne(int index, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var style = new ProductStyle(seed, index);
        (string category, Action<Canvas, ProductStyle> draw, string[] patterns) = style.Pick(Kinds);
        style.Pattern = style.Pick(patterns);

        Canvas canvas = _canvas ??= new Canvas(Width, Height);
        float scale = style.Range(0.74f, 1.0f);
        float angle = style.Range(-0.2f, 0.2f);
        var shift = new Vector2(style.Range(-6f, 6f), style.Range(-6f, 6f));
        canvas.Begin(Matrix3x2.CreateScale(scale) * Matrix3x2.CreateRotation(angle) * Matrix3x2.CreateTranslation(shift));
        draw(canvas, style);
        return new DrawnProduct
        {
            Id = index.ToString("D6", CultureInfo.InvariantCulture),
            Category = category,
            Color = style.ColorName,
            Pattern = style.Pattern,
            Image = new Image(Width, Height, 3, canvas.Photograph(background: style.Range(0.955f, 0.99f))),
        };
    }
}
