using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Core.Tests;

public sealed class SimilarityEngineTests
{
    private static Task<SimilarityEngine> BuildAsync(ProductCatalog? products = null, IndexKind kind = IndexKind.Exact) =>
        SimilarityEngine.CreateBuilder().UseModel(PixelModel.Create(32)).UseIndex(kind)
            .AddProducts(products ?? SyntheticProducts.Line()).BuildAsync();

    [Theory]
    [InlineData(IndexKind.Auto)]
    [InlineData(IndexKind.Exact)]
    [InlineData(IndexKind.Forest)]
    [InlineData(IndexKind.Graph)]
    public async Task Nearest_products_come_first(IndexKind kind)
    {
        await using SimilarityEngine engine = await BuildAsync(kind: kind);

        IReadOnlyList<Recommendation> hits =
            await engine.FindSimilarAsync(ImageSource.FromImage("query", SyntheticProducts.CreateImage(7)), count: 3);

        Assert.Equal("p7", hits[0].Product.Id);
        Assert.Equal(0, hits[0].Distance, 1e-4);
        Assert.Equal(["p6", "p8"], hits.Skip(1).Select(hit => hit.Product.Id).Order());

        // Two columns of 8 pixels differ by (230 - 40) / 255.
        Assert.Equal(Math.Sqrt(16) * 190 / 255, hits[1].Distance, 1e-3);
        Assert.Equal("image 7", hits[0].Image.Name);
    }

    [Fact]
    public async Task A_product_is_never_recommended_to_itself()
    {
        await using SimilarityEngine engine = await BuildAsync();

        IReadOnlyList<Recommendation> hits = await engine.FindSimilarToProductAsync("p0", count: 100);

        Assert.Equal(23, hits.Count);
        Assert.DoesNotContain(hits, hit => hit.Product.Id == "p0");
        Assert.Equal("p1", hits[0].Product.Id);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => engine.FindSimilarToProductAsync("nobody"));
    }

    [Fact]
    public async Task A_product_with_several_images_is_returned_once_with_its_nearest_image()
    {
        var many = new Product(
            "many", [.. Enumerable.Range(0, 12).Select(i => ImageSource.FromImage($"view {i}", SyntheticProducts.CreateImage(i)))]);
        var far = new Product("far", ImageSource.FromImage("far", SyntheticProducts.CreateImage(23)));
        await using SimilarityEngine engine = await BuildAsync(new ProductCatalog([many, far]));

        IReadOnlyList<Recommendation> hits =
            await engine.FindSimilarAsync(ImageSource.FromImage("query", SyntheticProducts.CreateImage(5)), count: 2);

        Assert.Equal(["many", "far"], hits.Select(hit => hit.Product.Id));
        Assert.Equal("view 5", hits[0].Image.Name);

        // The distance of two products is that of their nearest images: view 11 and far are 12 columns apart and do not overlap.
        Recommendation other = Assert.Single(await engine.FindSimilarToProductAsync("many"));
        Assert.Equal(Math.Sqrt(128) * 190 / 255, other.Distance, 1e-3);
    }

    [Fact]
    public async Task A_filtered_query_can_return_fewer_products_than_requested()
    {
        await using SimilarityEngine engine = await BuildAsync();
        var options = new QueryOptions { Count = 50, Filter = product => product.GetLabel("parity") == "odd" };

        IReadOnlyList<Recommendation> hits = await engine.FindSimilarToProductAsync("p3", options);

        Assert.Equal(11, hits.Count);
        Assert.All(hits, hit => Assert.Equal("odd", hit.Product.GetLabel("parity")));
        Assert.DoesNotContain(hits, hit => hit.Product.Id == "p3");
        Assert.Empty(await engine.FindSimilarToProductAsync("p3", new QueryOptions { Filter = _ => false }));
    }

    [Fact]
    public async Task An_empty_engine_returns_no_products()
    {
        await using SimilarityEngine engine = await BuildAsync(new ProductCatalog([]));

        Assert.Empty(await engine.FindSimilarAsync(ImageSource.FromImage("query", SyntheticProducts.CreateImage(7))));
    }

    [Fact]
    public async Task Unreadable_images_are_skipped_and_reported()
    {
        using var folder = new TemporaryFolder();
        string bad = folder.Write("bad.jpg", "no image");
        var products = new ProductCatalog(
        [
            new Product("good", ImageSource.FromImage("good", SyntheticProducts.CreateImage(1))),
            new Product("half", [ImageSource.FromFile(bad), ImageSource.FromImage("rest", SyntheticProducts.CreateImage(2))]),
            new Product("bad", bad),
            new Product("missing", folder.File("missing.png")),
        ]);

        await using SimilarityEngine engine = await BuildAsync(products);

        Assert.Equal(["good", "half"], engine.Products.Select(p => p.Id));
        Assert.Equal("rest", Assert.Single(engine.Products[1].Images).Name);
        Assert.Equal(["half", "bad", "missing"], engine.Report.Failures.Select(f => f.ProductId));
        Assert.Equal((2, 2), (engine.Report.ProductCount, engine.Report.ImageCount));
        Assert.All(engine.Report.Failures, failure => Assert.Contains(failure.Image, failure.Problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(float.MaxValue / 500, "Infinity")]
    [InlineData(1e16f, "norm")]
    public async Task An_image_whose_vector_is_not_finite_or_too_long_is_skipped(float weight, string problem)
    {
        // The sum over a bright image is too large; that over a black one is 0.
        Model pixels = PixelModel.Create(32);
        var network = new Network("sums", pixels.Network.InputShape, [new Conv2d("sum", 3, 32)]);
        var weights = new float[3 * pixels.Network.InputShape.Length];
        Array.Fill(weights, weight);
        var model = new Model(
            network,
            new StateDict(
            [
                KeyValuePair.Create("sum.weight", new WeightTensor([3, 1, 32, 32], weights)),
                KeyValuePair.Create("sum.bias", new WeightTensor([3], new float[] { 1, 2, 3 })),
            ]),
            "sum",
            pixels.Metadata);
        Image bright = SyntheticProducts.CreateImage(1, background: 255), black = new(32, 32, 1, new byte[32 * 32]);
        var products = new ProductCatalog(
        [
            new Product("black", ImageSource.FromImage("black image", black)),
            new Product("bright", ImageSource.FromImage("bright image", bright)),
            new Product("both", [ImageSource.FromImage("bright view", bright), ImageSource.FromImage("black view", black)]),
        ]);

        await using SimilarityEngine engine =
            await SimilarityEngine.CreateBuilder().UseModel(model).UseIndex(IndexKind.Exact).AddProducts(products).BuildAsync();

        Assert.Equal(["black", "both"], engine.Products.Select(p => p.Id));
        Assert.Equal([("bright", "bright image"), ("both", "bright view")], engine.Report.Failures.Select(f => (f.ProductId, f.Image)));
        Assert.All(engine.Report.Failures, failure =>
        {
            Assert.Contains($"'{failure.Image}'", failure.Problem, StringComparison.Ordinal);
            Assert.Contains(problem, failure.Problem, StringComparison.Ordinal);
        });
        Exception query = await Assert.ThrowsAnyAsync<Exception>(() => engine.FindSimilarAsync(products[1].Images[0]));
        Assert.True(query is NotFiniteNumberException or ArgumentException, query.ToString());
    }

    [Theory]
    [InlineData(IndexKind.Exact)]
    [InlineData(IndexKind.Forest)]
    [InlineData(IndexKind.Graph)]
    public async Task A_saved_catalog_gives_the_same_recommendations_when_opened(IndexKind kind)
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await BuildAsync(kind: kind);
        await engine.SaveAsync(folder.File("catalog"));
        await engine.SaveAsync(folder.File("catalog")); // replaces the first

        await using SimilarityEngine opened = await SimilarityEngine.OpenAsync(folder.File("catalog"));

        Assert.Equal(5, Directory.GetFiles(folder.File("catalog")).Length); // the manifest, its three files, the lock
        Assert.Equal(engine.Index.Kind, opened.Index.Kind);
        foreach (Product product in engine.Products)
        {
            Assert.Equal(
                (await engine.FindSimilarToProductAsync(product.Id)).Select(Facts),
                (await opened.FindSimilarToProductAsync(product.Id)).Select(Facts));
        }

        static object Facts(Recommendation hit) =>
            (hit.Product.Id, hit.Distance, hit.Product.Category, string.Join(";", hit.Product.Attributes), hit.Image.Name);
    }

    [Fact]
    public async Task An_opened_catalog_can_be_saved_to_its_own_folder()
    {
        using var folder = new TemporaryFolder();
        await using (SimilarityEngine engine = await BuildAsync())
        {
            await engine.SaveAsync(folder.Path);
        }

        await using (SimilarityEngine opened = SimilarityEngine.Open(folder.Path))
        {
            await opened.SaveAsync(folder.Path);
            Assert.Equal(["p3", "p5"], (await opened.FindSimilarToProductAsync("p4", count: 2)).Select(hit => hit.Product.Id));
        }

        using SimilarityEngine again = SimilarityEngine.Open(folder.Path);
        Assert.Equal(24, again.Products.Count);
    }

    [Fact]
    public async Task An_interrupted_save_keeps_the_old_catalog()
    {
        using var folder = new TemporaryFolder();
        await using (SimilarityEngine old = await BuildAsync(SyntheticProducts.Line(10)))
        {
            await old.SaveAsync(folder.Path);
        }

        byte[] manifest = File.ReadAllBytes(folder.File("manifest.json"));
        string[] oldFiles = Directory.GetFiles(folder.Path);
        Dictionary<string, byte[]> oldContents = oldFiles.ToDictionary(file => file, File.ReadAllBytes);
        await using SimilarityEngine larger = await BuildAsync(SyntheticProducts.Line(20));
        await larger.SaveAsync(folder.Path);

        // Restores the state of a process that is killed before it renames the manifest: the new files next to the old catalog.
        foreach ((string file, byte[] content) in oldContents)
        {
            File.WriteAllBytes(file, content);
        }

        File.WriteAllBytes(folder.File("manifest.json"), manifest);
        using (SimilarityEngine opened = SimilarityEngine.Open(folder.Path))
        {
            Assert.Equal(10, opened.Products.Count);
        }

        // The next save removes the remaining files, including temporary files.
        File.WriteAllText(folder.File($".index-0123456789ab.simnet.{Guid.NewGuid():N}.tmp"), "incomplete");
        await larger.SaveAsync(folder.Path);
        Assert.Equal(5, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public async Task A_canceled_save_keeps_the_old_catalog_and_leaves_no_other_files()
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await BuildAsync();
        await engine.SaveAsync(folder.Path);
        string[] before = Directory.GetFiles(folder.Path);
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.SaveAsync(folder.Path, canceled.Token));

        // The task above may not even start, so the save itself is tested as well.
        Assert.ThrowsAny<OperationCanceledException>(() => SavedCatalog.Save(engine, folder.Path, canceled.Token));
        Assert.Equal(before.Order(), Directory.GetFiles(folder.Path).Order());
    }

    [Fact]
    public async Task Damage_to_any_file_throws()
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await BuildAsync();
        await engine.SaveAsync(folder.Path);
        foreach (string file in Directory.GetFiles(folder.Path).Where(file => Path.GetFileName(file) != ".lock"))
        {
            byte[] good = File.ReadAllBytes(file);
            for (int trial = 0; trial < 40; trial++)
            {
                byte[] bad = [.. good];
                int at = (int)((long)trial * good.Length / 40);
                bad[at] ^= (byte)(1 << (trial % 8));
                File.WriteAllBytes(file, bad);
                Exception? exception = Record.Exception(() => SimilarityEngine.Open(folder.Path).Dispose());

                // A change to white space in the manifest is not damage.
                Assert.True(
                    exception is CatalogFormatException || (exception is null && Path.GetFileName(file) == "manifest.json"),
                    $"{Path.GetFileName(file)} byte {at}: {exception}");
            }

            File.WriteAllBytes(file, good[..(good.Length / 2)]);
            Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path));
            File.Delete(file);
            Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path));
            File.WriteAllBytes(file, good);
        }

        SimilarityEngine.Open(folder.Path).Dispose();
    }

    [Fact]
    public async Task A_model_that_does_not_belong_to_the_index_throws()
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await BuildAsync();
        await engine.SaveAsync(folder.Path);
        string model = Directory.GetFiles(folder.Path, "model-*")[0];
        byte[] other = File.ReadAllBytes(model);
        PixelModel.Create(33).Save(model);
        Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path));

        // For a model of the same file size, the ID is compared even if checksums are not verified.
        int digit = other.AsSpan().IndexOf("\\\"width\\\":32"u8) + 10;
        Assert.True(digit >= 10);
        other[digit] = (byte)'1';
        File.WriteAllBytes(model, other);

        CatalogFormatException exception =
            Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path, new EngineOptions { VerifyChecksums = false }));

        Assert.Contains("the index was built with", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catalog_whose_index_has_an_old_format_says_to_build_it_again()
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await BuildAsync();
        await engine.SaveAsync(folder.Path);
        string index = Directory.GetFiles(folder.Path, "index-*")[0];
        byte[] content = File.ReadAllBytes(index);
        content[8] = 2; // the format version
        File.WriteAllBytes(index, content);

        CatalogFormatException exception =
            Assert.Throws<CatalogFormatException>(() => SimilarityEngine.Open(folder.Path, new EngineOptions { VerifyChecksums = false }));

        Assert.Equal(index, exception.Path);
        Assert.Equal("header: format version 2; this library reads version 3. Build the catalog again.", exception.Problem);
    }

    [Fact]
    public async Task Concurrent_queries_return_the_same_results_as_sequential_ones()
    {
        await using SimilarityEngine engine = await BuildAsync(kind: IndexKind.Forest);
        string[] expected = await Task.WhenAll(Enumerable.Range(0, 24).Select(QueryAsync));

        string[][] answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => Task.WhenAll(Enumerable.Range(0, 24).Select(QueryAsync)))));

        Assert.All(answers, answer => Assert.Equal(expected, answer));

        async Task<string> QueryAsync(int i)
        {
            IReadOnlyList<Recommendation> byImage =
                await engine.FindSimilarAsync(ImageSource.FromImage("query", SyntheticProducts.CreateImage(i)));
            IReadOnlyList<Recommendation> byProduct = await engine.FindSimilarToProductAsync($"p{i}");
            return string.Join(",", byImage.Concat(byProduct).Select(hit => $"{hit.Product.Id}:{hit.Distance:R}"));
        }
    }

    [Fact]
    public async Task A_canceled_build_throws_and_does_not_report_completion()
    {
        using var source = new CancellationTokenSource();
        var seen = new List<BuildProgress>();
        IEnumerable<Product> products =
            Enumerable.Range(0, 1000).Select(i => new Product($"p{i}", ImageSource.FromImage("p", SyntheticProducts.CreateImage(i % 24))));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SimilarityEngine.CreateBuilder()
            .UseModel(PixelModel.Create(32)).AddProducts(products)
            .BuildAsync(new ForwardedProgress<BuildProgress>(progress =>
            {
                seen.Add(progress);
                if (progress.Completed >= 128)
                {
                    source.Cancel();
                }
            }), source.Token));

        Assert.Contains(seen, progress => progress is { Stage: BuildStage.Embedding, Completed: 128, Total: 1000 });
        Assert.DoesNotContain(seen, progress => progress.Completed == 1000);
    }

    [Fact]
    public async Task The_default_model_is_used_without_a_model_and_saved_with_the_catalog()
    {
        using var folder = new TemporaryFolder();
        Product[] products = [.. Enumerable.Range(0, 8).Select(i => SyntheticImages.Product($"p{i}", SyntheticImages.Blocks(seed: i)))];
        string answers;
        await using (SimilarityEngine built = await SimilarityEngine.CreateBuilder().AddProducts(products).BuildAsync())
        {
            Assert.Equal(ImageEmbedder.Default.Model.Id, built.Embedder.Model.Id);
            Assert.Equal(Metric.Cosine, built.Index.Metric);
            answers = await QueryAsync(built);
            await built.SaveAsync(folder.Path);
        }

        // The engine has its own embedder. Disposing it does not dispose the shared one.
        Assert.Equal(512, ImageEmbedder.Default.Embed(SyntheticImages.Blocks(seed: 0)).Length);
        using SimilarityEngine opened = SimilarityEngine.Open(folder.Path);
        Assert.Equal(answers, await QueryAsync(opened));
        Assert.Equal((ImageEmbedder.Default.Model.Id, Metric.Cosine), (opened.Embedder.Model.Id, opened.Index.Metric));

        async Task<string> QueryAsync(SimilarityEngine engine)
        {
            IReadOnlyList<Recommendation> hits =
                await engine.FindSimilarAsync(ImageSource.FromImage("query", SyntheticImages.Blocks(seed: 5)), count: 8);
            Assert.Equal(8, hits.Count);
            Assert.Equal("p5", hits[0].Product.Id);
            Assert.Equal(0, hits[0].Distance, 1e-5);
            Assert.True(hits[1].Distance > hits[0].Distance);
            return string.Join(",", hits.Select(hit => $"{hit.Product.Id}:{hit.Distance:R}"));
        }
    }

    [Theory]
    [InlineData(false, null, Metric.Cosine)]
    [InlineData(false, Metric.Euclidean, Metric.Euclidean)]
    [InlineData(false, Metric.InnerProduct, Metric.InnerProduct)]
    [InlineData(true, null, Metric.Euclidean)]
    [InlineData(true, Metric.Cosine, Metric.Cosine)]
    public async Task The_metric_defaults_to_that_of_the_model_and_can_be_overridden(bool namesAModel, Metric? given, Metric expected)
    {
        // The metric is set before the model, so the order of the calls must not matter.
        SimilarityEngineBuilder builder = SimilarityEngine.CreateBuilder();
        builder = given is Metric metric ? builder.UseMetric(metric) : builder;
        builder = namesAModel ? builder.UseModel(PixelModel.Create(8)) : builder;

        await using SimilarityEngine engine = await builder.AddProducts(SyntheticProducts.Line(count: 2)).BuildAsync();

        Assert.Equal(expected, engine.Index.Metric);
    }

    [Fact]
    public async Task Dependency_injection_provides_a_singleton_engine_and_its_embedder()
    {
        using var folder = new TemporaryFolder();
        await using (SimilarityEngine engine = await BuildAsync())
        {
            await engine.SaveAsync(folder.Path);
        }

        await using ServiceProvider services = new ServiceCollection().AddSimNet(folder.Path).BuildServiceProvider();

        SimilarityEngine injected = services.GetRequiredService<SimilarityEngine>();
        Assert.Same(injected, services.GetRequiredService<SimilarityEngine>());
        Assert.Same(injected.Embedder, services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>());
        Assert.Equal("p1", (await injected.FindSimilarToProductAsync("p0"))[0].Product.Id);
    }

    [Fact]
    public async Task The_metric_is_preserved_when_saved_and_opened()
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
            .UseModel(PixelModel.Create(32)).UseMetric(Metric.Cosine).AddProducts(SyntheticProducts.Line()).BuildAsync();
        await engine.SaveAsync(folder.Path);

        using SimilarityEngine opened = SimilarityEngine.Open(folder.Path);

        // Half the brightness has the same direction.
        var pixels = SyntheticProducts.CreateImage(4).Pixels.ToArray().Select(value => (byte)(value / 2)).ToArray();
        Recommendation hit = (await opened.FindSimilarAsync(ImageSource.FromImage("dim", new Image(32, 32, 1, pixels)), count: 1))[0];
        Assert.Equal(("p4", Metric.Cosine), (hit.Product.Id, opened.Index.Metric));
        Assert.Equal(0, hit.Distance, 1e-4);
    }

    [Fact]
    public async Task Saving_does_not_delete_files_that_it_has_not_written()
    {
        using var folder = new TemporaryFolder();
        string[] own =
        [
            folder.Write("model-v1.safetensors", "x"),
            folder.Write("index-old.simnet", "x"),
            folder.Write("products-2026.jsonl", "x"),
        ];
        await using SimilarityEngine engine = await BuildAsync();

        await engine.SaveAsync(folder.Path);
        await engine.SaveAsync(folder.Path);

        Assert.All(own, file => Assert.True(File.Exists(file), file));
    }

    [Fact]
    public async Task Concurrent_saves_and_opens_of_one_folder_always_see_a_complete_catalog()
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await BuildAsync();
        await engine.SaveAsync(folder.Path);

        for (int round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => i % 3 < 2
                ? engine.SaveAsync(folder.Path)
                : Task.Run(() => SimilarityEngine.Open(folder.Path).Dispose())));
        }

        using SimilarityEngine opened = SimilarityEngine.Open(folder.Path);
        Assert.Equal(24, opened.Products.Count);
    }

    [Fact]
    public async Task A_count_less_than_one_throws()
    {
        await using SimilarityEngine engine = await BuildAsync();

        Assert.Contains(
            "Count is 0",
            (await Assert.ThrowsAsync<ArgumentException>(() => engine.FindSimilarToProductAsync("p1", count: 0))).Message,
            StringComparison.Ordinal);
    }
}
