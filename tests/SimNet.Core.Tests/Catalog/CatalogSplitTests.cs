using SimNet.Embeddings;

namespace SimNet.Core.Tests;

public sealed class CatalogSplitTests
{
    private static readonly CatalogSplitOptions Kinds = new() { Label = "kind", NearDuplicates = null, Seed = 3 };

    [Fact]
    public async Task Every_class_is_split_by_the_shares_and_every_product_is_in_one_part()
    {
        ProductCatalog catalog = Products(("shirt", 1000), ("shoe", 333), ("hat", 20));

        CatalogSplit split = await CatalogSplit.CreateAsync(catalog, Kinds);

        Assert.Equal([800, 100, 100], Counts(split, "shirt"));
        Assert.All(Counts(split, "shoe").Zip([0.8 * 333, 33.3, 33.3]), pair => Assert.Equal(pair.Second, (double)pair.First, tolerance: 1));
        Assert.Equal([16, 2, 2], Counts(split, "hat"));
        Assert.Equal(catalog.Select(product => product.Id).Order(), All(split).Select(product => product.Id).Order());
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_split_and_another_seed_another_one()
    {
        ProductCatalog catalog = Products(("shirt", 200), ("shoe", 100)), turned = new(catalog.Reverse());
        string one = Ids((await CatalogSplit.CreateAsync(catalog, Kinds)).Test);

        Assert.Equal(one, Ids((await CatalogSplit.CreateAsync(catalog, Kinds)).Test));
        Assert.Equal(one, Ids((await CatalogSplit.CreateAsync(turned, Kinds)).Test));
        Assert.NotEqual(one, Ids((await CatalogSplit.CreateAsync(catalog, Kinds with { Seed = 4 })).Test));

        static string Ids(ProductCatalog catalog) => string.Join(',', catalog.Select(product => product.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Products_that_show_the_same_image_are_in_one_part()
    {
        // Every third image has two IDs, some of them with different labels.
        ProductCatalog catalog = new(Enumerable.Range(0, 90).SelectMany(i => i % 3 == 0
            ? new[]
            {
                SyntheticImages.Product($"{i}", SyntheticImages.Blocks(i), "shirt"),
                SyntheticImages.Product(
                    $"{i}b", SyntheticImages.Recompressed(SyntheticImages.Blocks(i), 4, i), i % 2 == 0 ? "shirt" : "shoe"),
            }
            : [SyntheticImages.Product($"{i}", SyntheticImages.Blocks(i), i % 3 == 1 ? "shirt" : "shoe")]));

        CatalogSplit split =
            await CatalogSplit.CreateAsync(catalog, Kinds with { NearDuplicates = new(), ValidationShare = 0.25, TestShare = 0.25 });

        Assert.Equal(30, split.DuplicateGroups.Length);
        foreach (ProductCatalog part in new[] { split.Training, split.Validation, split.Test })
        {
            Assert.All(Enumerable.Range(0, 30), i => Assert.Equal(part.Find($"{3 * i}") is null, part.Find($"{3 * i}b") is null));
        }

        Assert.All(new[] { "shirt", "shoe" }, kind => Assert.InRange(Counts(split, kind)[2], 1, 40));
        Assert.Equal(120, All(split).Count());
    }

    [Fact]
    public async Task Selecting_classes_and_counts_never_moves_a_product_to_another_part()
    {
        CatalogSplit whole = await CatalogSplit.CreateAsync(Products(("shirt", 600), ("shoe", 200), ("hat", 30)), Kinds);

        CatalogSplit some = whole.Select(["shirt", "hat"], maxPerClass: 300, seed: 8), rare = whole.Select(minPerClass: 100);

        Assert.Equal([240, 30, 30], Counts(some, "shirt"));
        Assert.Equal([24, 3, 3], Counts(some, "hat"));
        Assert.Equal([0, 0, 0], Counts(some, "shoe"));
        Assert.Equal([0, 0, 0], Counts(rare, "hat"));
        Assert.Equal(Counts(whole, "shoe"), Counts(rare, "shoe"));
        Assert.All(some.Test, product => Assert.NotNull(whole.Test.Find(product.Id)));
        Assert.All(some.Training, product => Assert.NotNull(whole.Training.Find(product.Id)));
        Assert.Equal(
            All(some).Select(product => product.Id),
            All(whole.Select(["shirt", "hat"], maxPerClass: 300, seed: 8)).Select(product => product.Id));
        Assert.NotEqual(
            All(some).Select(product => product.Id),
            All(whole.Select(["shirt", "hat"], maxPerClass: 300, seed: 9)).Select(product => product.Id));
        Assert.Contains(
            "the values are hat, shirt, shoe",
            Assert.Throws<ArgumentException>("classes", () => whole.Select(["sock"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Products_without_the_label_are_left_out_and_an_unknown_label_throws()
    {
        ProductCatalog catalog =
            new(Products(("shirt", 20), ("shoe", 20)).Append(SyntheticImages.Product("unknown", SyntheticImages.Blocks(0))));

        Assert.Equal(40, All(await CatalogSplit.CreateAsync(catalog, Kinds)).Count());
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(
            "options", () => CatalogSplit.CreateAsync(catalog, Kinds with { Label = "color" }));
        Assert.Contains("the labels are kind", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(
            "options", () => CatalogSplit.CreateAsync(catalog, Kinds with { TestShare = 0.5, ValidationShare = 0.5 }));
        Assert.Throws<ArgumentOutOfRangeException>("TestShare", () => Kinds with { TestShare = 1 });
    }

    [Fact]
    public void Merged_catalogs_have_each_ID_once_with_all_its_images()
    {
        ProductCatalog small = new([Product("1", "small", "shirt"), Product("2", "small", null)]);
        ProductCatalog large = new([Product("2", "large", "shoe"), Product("3", "large", "hat"), Product("1", "large", "hat")]);

        ProductCatalog merged = ProductCatalog.Merge(small, large);

        Assert.Equal(["1", "2", "3"], merged.Select(product => product.Id));
        Assert.Equal(["small", "large"], merged[0].Images.Select(image => image.Name));
        Assert.Equal(["shirt", "shoe", "hat"], merged.Select(product => product.GetLabel("kind")));

        static Product Product(string id, string image, string? kind) =>
            SyntheticImages.Product(id, SyntheticImages.Blocks(0), kind) with
            {
                Images = [ImageSource.FromImage(image, SyntheticImages.Blocks(0))],
            };
    }

    private static ProductCatalog Products(params (string Kind, int Count)[] kinds) => new(kinds.SelectMany(kind =>
        Enumerable.Range(0, kind.Count).Select(
            i => SyntheticImages.Product($"{kind.Kind} {i}", SyntheticProducts.CreateImage(0), kind.Kind))));

    private static IEnumerable<Product> All(CatalogSplit split) => split.Training.Concat(split.Validation).Concat(split.Test);

    private static int[] Counts(CatalogSplit split, string kind) =>
        [.. new[] { split.Training, split.Validation, split.Test }.Select(part => part.Count(product => product.GetLabel("kind") == kind))];
}
