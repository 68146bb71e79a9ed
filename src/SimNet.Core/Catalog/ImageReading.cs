using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads all pictures of a catalog on all cores.</summary>
internal static class PictureReading
{
    /// <summary>What <paramref name="read"/> makes of each picture, product by product; null where the picture could not be read, which is then told in <paramref name="failures"/>.</summary>
    public static async Task<T?[][]> ReadAsync<T>(
        ProductCatalog catalog, Func<ImageSource, T> read, ImmutableArray<PictureFailure>.Builder failures, CancellationToken cancellationToken)
        where T : class
    {
        T?[][] results = [.. catalog.Select(product => new T?[product.Pictures.Length])];
        string?[][] problems = [.. catalog.Select(product => new string?[product.Pictures.Length])];
        (int Product, int Picture)[] places = [.. catalog.SelectMany((product, i) => Enumerable.Range(0, product.Pictures.Length).Select(picture => (i, picture)))];
        await Task.Run(() => Parallel.For(0, places.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            (int product, int picture) = places[i];
            try
            {
                results[product][picture] = read(catalog[product].Pictures[picture]);
            }
            catch (Exception exception) when (exception is ImageFormatException or IOException)
            {
                problems[product][picture] = exception.Message;
            }
        }), cancellationToken).ConfigureAwait(false);
        failures.AddRange(places.Where(place => problems[place.Product][place.Picture] is not null).Select(place =>
            new PictureFailure(catalog[place.Product].Id, catalog[place.Product].Pictures[place.Picture].Name, problems[place.Product][place.Picture]!)));
        return results;
    }
}
