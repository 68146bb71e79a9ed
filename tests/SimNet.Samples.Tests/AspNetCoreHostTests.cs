using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using SimNet.Core;

namespace SimNet.Samples.Tests;

public sealed class AspNetCoreHostTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private WebApplicationFactory<Program> _host = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        string catalog = _folder.File("catalog.simnet");
        ProductCatalog products = ProductCatalog.FromFolder(SampleCatalog.Write(_folder.File("products"), productsPerClass: 4));
        await using (SimilarityEngine engine = await SimilarityEngine.CreateBuilder().AddProducts(products).BuildAsync())
        {
            await engine.SaveAsync(catalog);
        }

        _host = new WebApplicationFactory<Program>().WithWebHostBuilder(builder => builder.UseSetting("Catalog", catalog));
        _client = _host.CreateClient();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_image_is_answered_with_similar_products_nearest_first()
    {
        byte[] image = await File.ReadAllBytesAsync(SampleCatalog.ImagePath(_folder.File("products"), "circles", 1));

        using HttpResponseMessage response = await _client.PostAsync("/similar?count=3", new ByteArrayContent(image));

        JsonElement[] matches = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement[]>())!;
        Assert.Equal(3, matches.Length);
        Assert.Equal("circles/circles-1.png", matches[0].GetProperty("id").GetString());
        Assert.Equal("circles", matches[0].GetProperty("category").GetString());
        Assert.Equal(0, matches[0].GetProperty("distance").GetSingle(), 1e-3f);
    }

    [Fact]
    public async Task A_product_is_answered_with_similar_products_without_itself()
    {
        JsonElement[] matches = (await _client.GetFromJsonAsync<JsonElement[]>("/similar?product=circles/circles-1.png"))!;

        Assert.Equal(5, matches.Length);
        Assert.DoesNotContain(matches, match => match.GetProperty("id").GetString() == "circles/circles-1.png");
    }

    [Theory]
    [InlineData("/similar", "not an image", HttpStatusCode.BadRequest)]
    [InlineData("/similar?count=0", "", HttpStatusCode.BadRequest)]
    public async Task A_bad_request_is_answered_with_its_reason(string address, string body, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await _client.PostAsync(address, new StringContent(body));

        Assert.Equal(expected, response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task An_unknown_product_is_not_found()
    {
        using HttpResponseMessage response = await _client.GetAsync("/similar?product=unknown");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
