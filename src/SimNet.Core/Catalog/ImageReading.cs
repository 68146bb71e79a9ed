using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads all images of a catalog on all cores.</summary>
internal static class ImageReading
{
    /// <summary>
    /// Applies <paramref name="read"/> to each image, product by product. An image that cannot be read gives <see langword="null"/> and is
    /// added to <paramref name="failures"/>.
    /// </summary>
    public static async Task<T?[][]> ReadAsync<T>(
        ProductCatalog catalog,
        Func<ImageSource, T> read,
        ImmutableArray<ImageFailure>.Builder failures,
        CancellationToken cancellationToken)
        where T : class
    {
        T?[][] results = [.. catalog.Select(product => new T?[product.Images.Length])];
        ImageFailure?[][] found = [.. catalog.Select(product => new ImageFailure?[product.Images.Length])];
        (int Product, int Image)[] places =
            [.. catalog.SelectMany((product, i) => Enumerable.Range(0, product.Images.Length).Select(image => (i, image)))];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken };
        await Task.Run(() => Parallel.For(0, places.Length, parallel, i =>
        {
            (int product, int image) = places[i];
            try
            {
                results[product][image] = read(catalog[product].Images[image]);
            }
            catch (Exception exception) when (exception is ImageFormatException or IOException)
            {
                found[product][image] = ImageFailure.From(catalog[product].Id, catalog[product].Images[image], exception);
            }
        }), cancellationToken).ConfigureAwait(false);
        foreach ((int product, int image) in places)
        {
            if (found[product][image] is { } failure)
            {
                failures.Add(failure);
            }
        }

        return results;
    }
}
