using System.Text.RegularExpressions;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Core.Tests;

/// <summary>Does not run in parallel with other tests, because the examples use relative paths and the console.</summary>
[CollectionDefinition(nameof(ReadmeTests), DisableParallelization = true)]
[Collection(nameof(ReadmeTests))]
public sealed partial class ReadmeTests
{
    /// <summary>
    /// The examples of the README, verbatim and in order, as <see cref="The_readme_contains_the_code_of_this_test"/> verifies.
    /// </summary>
    private static async Task ExampleAsync()
    {
        // <example>
        ProductCatalog products = ProductCatalog.FromFolder("products/");

        await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
            .AddProducts(products)
            .BuildAsync();

        foreach (Recommendation similar in await engine.FindSimilarAsync("query.jpg", count: 5))
            Console.WriteLine($"{similar.Product.Id}: {similar.Distance:F3}");
        await engine.SaveAsync("catalog.simnet");
        // </example>

        // <example>
        AutoencoderTrainingResult training = await AutoencoderTraining.TrainAsync(products);
        training.Model.Save("own.onnx");

        await using SimilarityEngine own = await SimilarityEngine.CreateBuilder()
            .UseModel("own.onnx")
            .AddProducts(products)
            .BuildAsync();
        await own.SaveAsync("own.simnet");
        // </example>

        // <example>
        float[] vectors = [.. Enumerable.Range(0, 10_000 * 64).Select(_ => Random.Shared.NextSingle())];
        ReadOnlyMemory<float> query = vectors.AsMemory(0, 64);

        using var index = new UpdatableIndex(VectorIndex.Build(vectors, dimensions: 64, Metric.Cosine));
        var nearest = new Neighbor[10];
        int found = index.Search(query.Span, nearest);
        int id = index.Add(query.Span);
        index.Remove(nearest[0].Id);
        await index.CompactAsync();
        index.Save("vectors.simnet");
        // </example>

        // The graph is approximate, so the row that equals the query is not always found among random vectors.
        Assert.Equal((10, 10_000), (found, id));
    }

    [Fact]
    public void The_readme_contains_the_code_of_this_test()
    {
        string here = File.ReadAllText(Path.Combine(Repository.Root, "tests", "SimNet.Core.Tests", "Packaging", "ReadmeTests.cs"));
        string[] examples =
        [
            .. Example().Matches(here).Select(
                match => string.Join('\n', match.Groups[1].Value.Split('\n').Select(line => line.Length > 8 ? line[8..] : line)).Trim()),
        ];

        string[] shown =
        [
            .. CodeBlock().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")))
                .Select(match => match.Groups[1].Value.Trim()),
        ];

        Assert.Equal(3, shown.Length);
        Assert.Equal(examples, shown);
    }

    [Fact]
    public async Task The_examples_of_the_readme_run_and_print_five_products()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("products"));
        for (int i = 0; i < 24; i++)
        {
            File.WriteAllBytes(folder.File("products", $"p{i}.png"), PngEncoder.Encode(SyntheticImages.Blocks(seed: i)));
        }

        // The format of an image is detected from its content.
        File.Copy(folder.File("products", "p5.png"), folder.File("query.jpg"));
        string before = Directory.GetCurrentDirectory();
        TextWriter console = Console.Out;
        using var output = new StringWriter();
        try
        {
            Directory.SetCurrentDirectory(folder.Path);
            Console.SetOut(output);
            await ExampleAsync();
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(before);
        }

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.Equal("p5.png: 0.000", lines[0].Trim());
        using SimilarityEngine saved = SimilarityEngine.Open(folder.File("catalog.simnet"));
        Assert.Equal((24, ImageEmbedder.Default.Model.Id), (saved.Products.Count, saved.Embedder.Model.Id));
        using IVectorIndex vectors = VectorIndex.Open(folder.File("vectors.simnet"));
        Assert.Equal(("updatable-graph", 10_000, 10_001), (vectors.Kind, vectors.Count, vectors.IdLimit));
        using SimilarityEngine own = SimilarityEngine.Open(folder.File("own.simnet"));
        Assert.Equal((24, DenoisingAutoencoder.Create().Name), (own.Products.Count, own.Embedder.Model.Network.Name));
    }

    [GeneratedRegex(@"// <example>\n(.*?)// </example>", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
