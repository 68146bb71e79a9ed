// Indexes a folder of product images, finds the products that look like a query image, and saves the catalog.
using SimNet.Core;

if (args is not [string products, string query, string catalog])
{
    Console.Error.WriteLine("Usage: Quickstart PRODUCTS QUERY CATALOG");
    Console.Error.WriteLine("PRODUCTS is a folder of images, QUERY an image, CATALOG the folder to save the catalog to.");
    return 1;
}

// The model that comes with the library embeds every image.
await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
    .AddProducts(ProductCatalog.FromFolder(products))
    .BuildAsync();
await engine.SaveAsync(catalog);

foreach (Recommendation similar in await engine.FindSimilarAsync(query, count: 5))
{
    Console.WriteLine($"{similar.Product.Id}: {similar.Distance:F3}");
}

return 0;
