using System.Text.Json;
using SimNet.Embeddings;
using SimNet.Index;

namespace SimNet.Core.Tests;

public sealed class IndexFactoryTests
{
    [Fact]
    public async Task A_custom_index_is_built_queried_saved_and_opened()
    {
        using var folder = new TemporaryFolder();
        var progress = new List<BuildProgress>();
        await using (SimilarityEngine built = await CreateBuilder(new BruteForceIndexFactory())
            .BuildAsync(new ForwardedProgress<BuildProgress>(progress.Add)))
        {
            Assert.IsType<BruteForceIndex>(built.Index);
            Assert.Equal(["p6", "p8"], await FindAsync(built));
            await built.SaveAsync(folder.Path);
        }

        Assert.Contains(new BuildProgress(BuildStage.Indexing, 24, 24), progress);
        var options = new EngineOptions { IndexFactories = [new BruteForceIndexFactory("other"), new BruteForceIndexFactory()] };
        await using SimilarityEngine opened = SimilarityEngine.Open(folder.Path, options);
        Assert.IsType<BruteForceIndex>(opened.Index);
        Assert.Equal(["p6", "p8"], await FindAsync(opened));

        // A saved copy names the factory as well.
        await opened.SaveAsync(folder.File("copy"));
        await using SimilarityEngine copy = SimilarityEngine.Open(folder.File("copy"), options);
        Assert.IsType<BruteForceIndex>(copy.Index);
    }

    [Fact]
    public async Task Opening_a_catalog_without_its_index_factory_throws_with_the_name()
    {
        using var folder = new TemporaryFolder();
        await using (SimilarityEngine built = await CreateBuilder(new BruteForceIndexFactory()).BuildAsync())
        {
            await built.SaveAsync(folder.Path);
        }

        var options = new EngineOptions { IndexFactories = [new BruteForceIndexFactory("other")] };
        var none = Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path));
        var other = Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path, options));

        Assert.Contains(
            "needs the index factory 'brute-force'; EngineOptions.IndexFactories contains none", none.Message, StringComparison.Ordinal);
        Assert.Contains("EngineOptions.IndexFactories contains 'other'", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_factory_that_builds_an_index_of_other_vectors_throws()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CreateBuilder(new BruteForceIndexFactory { LeftOut = 1 }).BuildAsync());

        Assert.Contains("built an index of 23 vectors", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_factory_without_a_name_throws() =>
        Assert.Throws<ArgumentException>("factory", () => CreateBuilder(new BruteForceIndexFactory(" ")));

    [Fact]
    public async Task A_damaged_custom_index_throws_with_its_file()
    {
        using var folder = new TemporaryFolder();
        await using (SimilarityEngine built = await CreateBuilder(new BruteForceIndexFactory()).BuildAsync())
        {
            await built.SaveAsync(folder.Path);
        }

        string index = Directory.GetFiles(folder.Path, "index-*")[0];
        byte[] content = File.ReadAllBytes(index);
        content[0] = (byte)'{';
        File.WriteAllBytes(index, content);
        var options = new EngineOptions { IndexFactories = [new BruteForceIndexFactory()], VerifyChecksums = false };

        Assert.Equal(index, Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path, options)).Path);
    }

    [Fact]
    public async Task A_catalog_with_a_built_in_index_has_the_keys_of_the_first_version()
    {
        using var folder = new TemporaryFolder();
        await using (SimilarityEngine built = await SimilarityEngine.CreateBuilder()
            .UseModel(PixelModel.Create(32)).AddProducts(SyntheticProducts.Line()).BuildAsync())
        {
            await built.SaveAsync(folder.Path);
        }

        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("manifest.json")));
        using JsonDocument product = JsonDocument.Parse(File.ReadLines(Directory.GetFiles(folder.Path, "products-*")[0]).First());

        Assert.Equal(["format", "version", "model", "index", "products"], manifest.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["id", "pictures", "files", "category", "attributes"], product.RootElement.EnumerateObject().Select(p => p.Name));
    }

    private static SimilarityEngineBuilder CreateBuilder(IVectorIndexFactory factory) =>
        SimilarityEngine.CreateBuilder().UseModel(PixelModel.Create(32)).UseIndex(factory).AddProducts(SyntheticProducts.Line());

    private static async Task<string[]> FindAsync(SimilarityEngine engine) =>
        [.. (await engine.FindSimilarToProductAsync("p7", count: 2)).Select(hit => hit.Product.Id).Order()];
}
