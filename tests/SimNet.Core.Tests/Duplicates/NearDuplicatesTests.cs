using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core.Tests;

public sealed class NearDuplicatesTests
{
    [Fact]
    public async Task Recompressed_and_resized_images_match_and_other_images_do_not()
    {
        var products = new List<Product>();
        for (int i = 0; i < 50; i++)
        {
            products.Add(SyntheticImages.Product($"{i}", SyntheticImages.Blocks(i)));
        }

        products.Add(SyntheticImages.Product("again", SyntheticImages.Blocks(7)));
        products.Add(SyntheticImages.Product("recompressed", SyntheticImages.Recompressed(SyntheticImages.Blocks(7), by: 6, seed: 1)));
        products.Add(SyntheticImages.Product("larger", SyntheticImages.Blocks(20).Resize(120, 160, ResizeFilter.Bilinear)));

        ImmutableArray<ImmutableArray<Product>> groups = await NearDuplicates.FindAsync(new ProductCatalog(products));

        Assert.Equal(["7,again,recompressed", "20,larger"], groups.Select(group => string.Join(',', group.Select(product => product.Id))));
    }

    [Fact]
    public async Task The_same_shape_in_another_color_does_not_match()
    {
        // A dark shape on white, once in black and once in brown, and two faint ones.
        Image black = Shape(20, 20, 20), brown = Shape(60, 35, 20), faint = Shape(246, 246, 246), fainter = Shape(250, 250, 250);
        ProductCatalog catalog = new(
        [
            SyntheticImages.Product("black", black),
            SyntheticImages.Product("brown", brown),
            SyntheticImages.Product("faint", faint),
            SyntheticImages.Product("fainter", fainter),
        ]);

        Assert.Empty(await NearDuplicates.FindAsync(catalog));
        Assert.NotEmpty(await NearDuplicates.FindAsync(catalog, new NearDuplicateOptions { MaxDistance = 0.6 }));

        static Image Shape(byte red, byte green, byte blue)
        {
            var pixels = new byte[60 * 80 * 3];
            Array.Fill(pixels, (byte)255);
            for (int y = 30; y < 60; y++)
            {
                for (int x = 5; x < 55; x++)
                {
                    (pixels[((y * 60) + x) * 3], pixels[(((y * 60) + x) * 3) + 1], pixels[(((y * 60) + x) * 3) + 2]) = (red, green, blue);
                }
            }

            return new Image(60, 80, 3, pixels);
        }
    }

    [Fact]
    public async Task The_search_finds_the_same_groups_as_comparing_all_pairs()
    {
        // Copies with increasing noise, of which some match only through others.
        Image[] images =
        [
            .. Enumerable.Range(0, 120).Select(
                i => SyntheticImages.Recompressed(SyntheticImages.Blocks(i % 30), by: 8 * (i / 30), seed: i)),
        ];
        ProductCatalog catalog = new(images.Select((image, i) => SyntheticImages.Product($"{i}", image)));
        const double MaxDistance = 0.05;

        ImmutableArray<ImmutableArray<Product>> groups =
            await NearDuplicates.FindAsync(catalog, new NearDuplicateOptions { MaxDistance = MaxDistance });
        string[] found = [.. groups.Select(group => string.Join(',', group.Select(product => product.Id)))];

        byte[][] thumbnails = [.. images.Select(image => image.Resize(16, 16).Pixels.ToArray())];
        int[] names = [.. Enumerable.Range(0, 120)];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 0; i < 120; i++)
            {
                for (int j = 0; j < 120; j++)
                {
                    double contrast = Math.Min(Deviation(thumbnails[i]), Deviation(thumbnails[j]));
                    if (names[j] > names[i] && Distance(thumbnails[i], thumbnails[j]) <= MaxDistance * contrast)
                    {
                        (names[j], changed) = (names[i], true);
                    }
                }
            }
        }

        string[] expected =
        [
            .. Enumerable.Range(0, 120).GroupBy(i => names[i]).Where(group => group.Count() > 1).Select(group => string.Join(',', group)),
        ];
        Assert.Equal(expected, found);
        Assert.InRange(expected.Length, 10, 30);

        static double Distance(byte[] one, byte[] other) => Math.Sqrt(one.Zip(other, (a, b) => Math.Pow(a - b, 2)).Average());

        static double Deviation(byte[] values) => Math.Sqrt(Enumerable.Range(0, 3).Average(c =>
        {
            double[] channel = [.. values.Where((_, i) => i % 3 == c).Select(value => (double)value)];
            return channel.Average(value => Math.Pow(value - channel.Average(), 2));
        }));
    }

    [Fact]
    public async Task Products_are_grouped_through_any_shared_image_and_unreadable_images_never_match()
    {
        ImageSource one = Source(1), two = Source(2), three = Source(3);
        ProductCatalog catalog = new(
        [
            new Product("a", [one, two]),
            new Product("b", [three]),
            new Product("c", [Source(2), three]),
            new Product("bad", ImageSource.FromBytes("bad", new byte[4])),
            new Product("worse", ImageSource.FromBytes("worse", new byte[4])),
        ]);

        Assert.Equal(["a", "b", "c"], Assert.Single(await NearDuplicates.FindAsync(catalog)).Select(product => product.Id));

        static ImageSource Source(int seed) => ImageSource.FromImage($"{seed}", SyntheticImages.Blocks(seed));
    }

    [SkippableFact]
    public async Task Groups_of_real_product_images_are_small_and_nearly_always_of_one_type()
    {
        string? data = Environment.GetEnvironmentVariable("SIMNET_DATA");
        Skip.If(string.IsNullOrEmpty(data), "SIMNET_DATA names no data folder.");
        ProductCatalog catalog = ProductCatalog.FromFolder(Path.Combine(data, "fashion-products-60x80"));

        ImmutableArray<ImmutableArray<Product>> groups = await NearDuplicates.FindAsync(catalog);

        // The data set has hundreds of images with two IDs. Chains of images that are only similar would form large groups.
        Assert.InRange(groups.Length, 600, 800);
        Assert.InRange(groups.Max(group => group.Length), 2, 20);
        Assert.InRange(groups.Count(group => group.Select(product => product.GetLabel("articleType")).Distinct().Count() > 1), 0, 20);
    }

    [Fact]
    public void A_distance_out_of_range_throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>("MaxDistance", () => new NearDuplicateOptions { MaxDistance = -0.1 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxDistance", () => new NearDuplicateOptions { MaxDistance = double.NaN });
    }
}
