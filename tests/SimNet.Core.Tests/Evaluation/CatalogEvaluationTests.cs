using SimNet.Embeddings;

namespace SimNet.Core.Tests;

public sealed class CatalogEvaluationTests
{
    [Fact]
    public async Task Precision_is_the_share_of_recommendations_with_the_label_of_the_query()
    {
        await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
            .UseModel(PixelModel.Create(32)).UseIndex(IndexKind.Exact).AddProducts(SyntheticProducts.Line()).BuildAsync();

        CatalogEvaluationReport report =
            await engine.EvaluateAsync(SyntheticProducts.Line(), new CatalogEvaluationOptions { Label = "parity", Count = 2 });

        // The queries stand in the catalog and do not find themselves: inside the line their two nearest are the two neighbors in
        // number, of the other parity. Only p0 and p23 have a second nearest, at two steps, of their own: 2 right of 48.
        Assert.Equal(24, report.Retrieval.Queries);
        Assert.Equal(2.0 / 48, report.Retrieval.MeanPrecision, 1e-9);
        Assert.Null(report.IndexRecall);
        Assert.True(report.QueriesPerSecond > 0);
    }

    [Fact]
    public async Task Queries_with_a_label_value_that_is_not_in_the_catalog_are_skipped()
    {
        await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
            .UseModel(PixelModel.Create(32)).UseIndex(IndexKind.Forest).AddProducts(SyntheticProducts.Line()).BuildAsync();
        var other = new Product("new", ImageSource.FromImage("new", SyntheticProducts.CreateImage(0))) { Category = "elsewhere" };
        ProductCatalog queries = new(SyntheticProducts.Line().Append(other));

        CatalogEvaluationReport report = await engine.EvaluateAsync(queries, new CatalogEvaluationOptions { Count = 2 });

        // p11 and p12 each have one neighbor across the border.
        Assert.Equal((24, 1), (report.Retrieval.Queries, report.Retrieval.SkippedQueries));
        Assert.Equal(46.0 / 48, report.Retrieval.MeanPrecision, 1e-9);
        Assert.NotNull(report.IndexRecall);
        Assert.Equal(1, report.IndexRecall.MeanRecall);
    }

    [Fact]
    public async Task An_unknown_label_throws_with_the_labels_of_the_products()
    {
        await using SimilarityEngine engine =
            await SimilarityEngine.CreateBuilder().UseModel(PixelModel.Create(32)).AddProducts(SyntheticProducts.Line()).BuildAsync();

        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(
            () => engine.EvaluateAsync(SyntheticProducts.Line(), new CatalogEvaluationOptions { Label = "color" }));

        Assert.Contains("category, parity", exception.Message, StringComparison.Ordinal);
    }
}
