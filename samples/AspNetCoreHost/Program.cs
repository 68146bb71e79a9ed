// Serves a saved catalog over HTTP. The setting "Catalog" is the folder that SimilarityEngine.SaveAsync or `simnet index` wrote:
//   dotnet run --project samples/AspNetCoreHost -- --Catalog catalog.simnet
//   curl --data-binary @query.jpg 'http://localhost:5000/similar?count=5'
//   curl 'http://localhost:5000/similar?product=ID'
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.MagickNet;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddSimNet(new SimNetOptions
{
    CatalogPath = builder.Configuration["Catalog"]
        ?? throw new InvalidOperationException("The setting Catalog is missing; expected the folder of a saved catalog."),

    // Phones send HEIC, browsers WebP and AVIF.
    Engine = new EngineOptions { Embedder = new ImageEmbedderOptions { Decoder = MagickImageDecoder.AllFormats } },
});

WebApplication app = builder.Build();

// The body is an image file. Kestrel limits its size (30 MB by default), the decoder its number of pixels.
app.MapPost("/similar", async (HttpRequest request, SimilarityEngine engine, CancellationToken cancellationToken, int count = 5) =>
{
    if (count is < 1 or > 100)
    {
        return Results.Problem($"count is {count}; expected 1 to 100.", statusCode: StatusCodes.Status400BadRequest);
    }

    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body, cancellationToken);
    try
    {
        return Matches(await engine.FindSimilarAsync(ImageSource.FromBytes("query", body.ToArray()), count, cancellationToken));
    }
    catch (ImageFormatException exception)
    {
        return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
    }
});

// "More like this" on a product page.
app.MapGet("/similar", async (string product, SimilarityEngine engine, CancellationToken cancellationToken) =>
    engine.Products.Find(product) is null
        ? Results.Problem($"The catalog has no product '{product}'.", statusCode: StatusCodes.Status404NotFound)
        : Matches(await engine.FindSimilarToProductAsync(product, cancellationToken: cancellationToken)));

await app.RunAsync();

static IResult Matches(IReadOnlyList<Recommendation> similar) =>
    Results.Ok(similar.Select(match => new Match(match.Product.Id, match.Product.Category, match.Distance)));

/// <summary>One product of an answer.</summary>
/// <param name="Id">The product's ID.</param>
/// <param name="Category">The product's category; null if the catalog has none.</param>
/// <param name="Distance">The distance from the query's embedding; smaller is more similar.</param>
internal sealed record Match(string Id, string? Category, float Distance);
