using SimNet.Embeddings;

namespace SimNet.Cli.Tests;

public sealed class DrawnCatalogTests
{
    private static readonly DrawnProduct[] Products = [.. DrawnCatalog.Draw(600, seed: 1)];

    [Fact]
    public void The_same_seed_draws_the_same_catalog()
    {
        foreach ((DrawnProduct first, DrawnProduct second) in Products.Zip(DrawnCatalog.Draw(100, seed: 1)))
        {
            AssertSame(first, second);
        }
    }

    [Fact]
    public void Another_seed_draws_another_catalog() =>
        Assert.All(
            Products.Zip(DrawnCatalog.Draw(50, seed: 2)),
            pair => Assert.False(pair.First.Image.Pixels.SequenceEqual(pair.Second.Image.Pixels)));

    [Fact]
    public void A_product_does_not_depend_on_other_products_or_the_thread()
    {
        // Drawn in reverse order on several threads, whose canvases are reused.
        Parallel.For(0, Products.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            AssertSame(Products[Products.Length - 1 - i], DrawnCatalog.DrawOne(Products.Length - 1 - i, seed: 1)));
    }

    [Fact]
    public void Products_have_consecutive_IDs_and_different_images()
    {
        Assert.Equal(Enumerable.Range(0, 600).Select(i => $"{i:D6}"), Products.Select(p => p.Id));
        Assert.Equal(600, Products.Select(p => Convert.ToBase64String(p.Image.Pixels)).Distinct().Count());
    }

    [Fact]
    public void Categories_are_about_equally_frequent()
    {
        Assert.Equal(10, DrawnCatalog.Categories.Count);
        Assert.All(DrawnCatalog.Categories, category => Assert.InRange(Products.Count(p => p.Category == category), 35, 90));
        Assert.All(Products, p => Assert.Contains(p.Category, DrawnCatalog.Categories));
    }

    [Fact]
    public void Each_category_has_many_colors_and_several_patterns()
    {
        Assert.All(DrawnCatalog.Categories, category =>
        {
            DrawnProduct[] own = [.. Products.Where(p => p.Category == category)];
            Assert.True(own.Select(p => p.Color).Distinct().Count() >= 10);
            Assert.True(own.Select(p => p.Pattern).Distinct().Count() >= 3);
        });
    }

    [Fact]
    public void The_corners_show_a_near_white_background()
    {
        Assert.All(Products, p =>
        {
            Image image = p.Image;
            Assert.Equal((DrawnCatalog.Width, DrawnCatalog.Height, 3), (image.Width, image.Height, image.Channels));
            (int right, int bottom) = (image.Width - 1, image.Height - 1);
            foreach ((int x, int y) in ((int, int)[])[(0, 0), (right, 0), (0, bottom), (right, bottom)])
            {
                Assert.All(image.Row(y).Slice(x * 3, 3).ToArray(), value => Assert.InRange(value, 225, 255));
            }
        });
    }

    [Fact]
    public void Every_product_is_visible_and_fits_into_its_image()
    {
        Assert.All(Products, p =>
        {
            double covered = Silhouette(p.Image).Average();
            Assert.InRange(covered, 0.04, 0.6);
            int border = 0;
            for (int x = 0; x < p.Image.Width; x++)
            {
                border += p.Image.Row(0)[x * 3] < 200 ? 1 : 0;
            }

            Assert.Equal(0, border);
        });
    }

    [Fact]
    public void The_nearest_silhouette_is_nearly_always_of_the_same_category()
    {
        // The nearest neighbor by silhouette only. At random, 60 of 600 would have the same category.
        (string Category, double[] Shape)[] shapes = [.. Products.Select(p => (p.Category, Silhouette(p.Image)))];
        int right = 0;
        for (int i = 0; i < shapes.Length; i++)
        {
            (string Category, double[] Shape) query = shapes[i];
            string nearest = shapes.Where((_, j) => j != i).MinBy(other => Distance(query.Shape, other.Shape)).Category;
            right += nearest == query.Category ? 1 : 0;
        }

        Assert.InRange(right, 540, 600);
    }

    [Fact]
    public void The_image_has_the_named_color()
    {
        // The center of a handbag of one color is shaded leather of the named color.
        DrawnProduct[] bags =
        [
            .. Products.Where(p => p is { Category: "Handbag", Pattern: not "two-tone", Color: "red" or "blue" or "green" }),
        ];
        Assert.True(bags.Length >= 3);
        foreach (DrawnProduct bag in bags)
        {
            double[] mean = new double[3];
            for (int y = 80; y < 92; y++)
            {
                for (int x = 36; x < 60; x++)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        mean[c] += bag.Image.Row(y)[x * 3 + c];
                    }
                }
            }

            Assert.Equal(bag.Color, ((string[])["red", "green", "blue"])[Array.IndexOf(mean, mean.Max())]);
        }
    }

    [Fact]
    public void Negative_arguments_throw()
    {
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => DrawnCatalog.Draw(-1, 0)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => DrawnCatalog.DrawOne(-1, 0)).ParamName);
        Assert.Empty(DrawnCatalog.Draw(0, 0));
    }

    private static void AssertSame(DrawnProduct expected, DrawnProduct actual)
    {
        Assert.Equal(
            (expected.Id, expected.Category, expected.Color, expected.Pattern),
            (actual.Id, actual.Category, actual.Color, actual.Pattern));
        Assert.True(expected.Image.Pixels.SequenceEqual(actual.Image.Pixels));
    }

    /// <summary>The share of each cell of 4x4 pixels that is not background.</summary>
    private static double[] Silhouette(Image image)
    {
        var cells = new double[image.Width / 4 * (image.Height / 4)];
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            for (int x = 0; x < image.Width; x++)
            {
                ReadOnlySpan<byte> pixel = row.Slice(x * 3, 3);
                int darkest = Math.Min(pixel[0], Math.Min(pixel[1], pixel[2]));
                cells[y / 4 * (image.Width / 4) + x / 4] += darkest < 215 ? 1 / 16.0 : 0;
            }
        }

        return cells;
    }

    private static double Distance(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }
}
