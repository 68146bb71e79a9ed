using System.Text.Json;
using ImageMagick;

namespace SimNet.Cli.Tests;

public class FormatTests
{
    [Fact]
    public async Task Products_in_WebP_AVIF_and_GIF_are_indexed_and_queried()
    {
        using var folder = new TemporaryFolder();
        folder.Write("products/products.csv", "id,file\na,a.webp\nb,b.avif\nc,c.gif\n");
        Write(folder.File("products", "a.webp"), MagickColors.Red, MagickFormat.WebP);
        Write(folder.File("products", "b.avif"), MagickColors.Green, MagickFormat.Avif);
        Write(folder.File("products", "c.gif"), MagickColors.Blue, MagickFormat.Gif);
        Write(folder["query.tif"], MagickColors.Green, MagickFormat.Tiff);

        JsonElement indexed = await JsonAsync(
            "index", "--model", "pixels:8", "--data", folder["products"], "--out", folder["catalog"]);
        JsonElement found = await JsonAsync("query", "--catalog", folder["catalog"], "--image", folder["query.tif"], "--count", "1");

        Assert.Equal(3, indexed.GetProperty("images").GetInt32());
        Assert.Empty(indexed.GetProperty("failures").EnumerateArray());
        Assert.Equal("b", found.GetProperty("hits")[0].GetProperty("product").GetString());
    }

    private static void Write(string file, MagickColor color, MagickFormat format)
    {
        using var image = new MagickImage(color, 32, 32);
        image.Write(file, format);
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        (int code, string output, string error) = await Simnet.RunAsync([.. arguments, "--json"]);
        Assert.True(code == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }
}
