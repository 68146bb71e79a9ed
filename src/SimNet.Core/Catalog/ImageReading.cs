using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads all images of a catalog on all cores.</summary>
internal static class ImageReading
{
    /// <summary>What <paramref name="read"/> makes of each image, product by product; null where the image could not be read, which is then told in <paramref name="failures"/>.</summary>
    public static async Task<T?[][]> ReadAsync<T>(
        ProductCatalog catalog, Func<ImageSource, T> read, ImmutableArray<ImageFailure>.Builder failures, CancellationToken cancellationToken)
        where T : class
    {
        T?[][] results = [.. catalog.Select(product => new T?[product.Images.Length])];
        string?[][] problems = [.. catalog.Select(product => new string?[product.Images.Length])];
        (int Product, int Image)[] places = [.. catalog.SelectMany((product, i) => Enumerable.Range(0, product.Images.Length).Select(image => (i, image)))];
        await Task.Run(() => Parallel.For(0, places.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            (int product, int image) = places[i];
            try
            {
                results[product][image] = read(catalog[product].Images[image]);
            }
            catch (Exception exception) when (exception is ImageFormatException or IOException)
            {
                problems[product][image] = exception.Message;
            }
        }), cancellationToken).ConfigureAwait(false);
        failures.AddRange(places.Where(place => problems[place.Product][place.Image] is not null).Select(place =>
            new ImageFailure(catalog[place.Product].Id, catalog[place.Product].Images[place.Image].Name, problems[place.Product][place.Image]!)));
        return results;
    }
}
