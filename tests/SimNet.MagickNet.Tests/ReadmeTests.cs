using ImageMagick;
using SimNet.Core;

namespace SimNet.MagickNet.Tests;

/// <summary>The example of the README, word for word.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _previousFolder = Directory.GetCurrentDirectory();

    public ReadmeTests() => Directory.SetCurrentDirectory(_folder.Path);

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_previousFolder);
        _folder.Dispose();
    }

    [Fact]
    public async Task An_engine_indexes_and_finds_images_of_other_formats()
    {
        _folder.Write("products/products.csv", "id,file\na,a.webp\nb,b.avif\nc,c.gif\n");
        File.WriteAllBytes("products/a.webp", TestFiles.Encode(MagickFormat.WebP));
        File.WriteAllBytes("products/b.avif", TestFiles.Encode(MagickFormat.Avif));
        File.WriteAllBytes("products/c.gif", TestFiles.Encode(MagickFormat.Gif));

        await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
            .UseEmbedder(new ImageEmbedderOptions { Decoder = MagickImageDecoder.AllFormats })
            .AddProducts(ProductCatalog.FromFolder("products/"))
            .BuildAsync();

        Assert.Empty(engine.Report.Failures);
        Assert.Equal(3, engine.Report.ImageCount);
        var query = ImageSource.FromBytes("query", TestFiles.Encode(MagickFormat.Bmp));
        Assert.Equal("c", (await engine.FindSimilarAsync(query, count: 1))[0].Product.Id);
    }
}
