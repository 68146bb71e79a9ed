using System.Collections.Concurrent;
using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Finds products that show the same image: recompressed, resized, or under two ids. Where one is learned from and the other judged by,
/// the judgment says nothing.
/// </summary>
public static class NearDuplicates
{
    /// <summary>
    /// Groups of products that share an image, directly or over others. Images that cannot be read are like no other. The same catalog
    /// gives the same groups.
    /// </summary>
    /// <param name="catalog">The products.</param>
    /// <param name="options">When two images are the same; the defaults when null.</param>
    /// <param name="cancellationToken">Cancels between images.</param>
    /// <returns>Groups of at least two products, in the catalog's order, as are the products in each.</returns>
    public static async Task<ImmutableArray<ImmutableArray<Product>>> FindAsync(
        ProductCatalog catalog, NearDuplicateOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new NearDuplicateOptions();

        // Whoever reads an image to use it will tell that it cannot be read.
        Thumbnail?[][] thumbnails = await ImageReading.ReadAsync(
            catalog, image => Thumbnail.Of(image.Load(options.Decoder, options.DecoderOptions)), ImmutableArray.CreateBuilder<ImageFailure>(), cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Group(catalog, thumbnails, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static ImmutableArray<ImmutableArray<Product>> Group(ProductCatalog catalog, Thumbnail?[][] thumbnails, NearDuplicateOptions options, CancellationToken cancellationToken)
    {
        // Means of thumbnails that are alike differ by no more than the thumbnails: sorted by it, each has a small window to be compared with.
        (Thumbnail Thumbnail, int Product)[] sorted = [.. thumbnails
            .SelectMany((ofProduct, i) => ofProduct.OfType<Thumbnail>().Select(thumbnail => (Thumbnail: thumbnail, Product: i))).OrderBy(entry => entry.Thumbnail.Mean)];
        var pairs = new ConcurrentBag<(int, int)>();
        Parallel.For(0, sorted.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            Thumbnail one = sorted[i].Thumbnail;
            double window = options.MaxDistance * one.Contrast;
            for (int j = i + 1; j < sorted.Length && sorted[j].Thumbnail.Mean - one.Mean <= window; j++)
            {
                if (sorted[i].Product != sorted[j].Product && one.IsWithin(options.MaxDistance, sorted[j].Thumbnail))
                {
                    pairs.Add((sorted[i].Product, sorted[j].Product));
                }
            }
        });

        var sets = new DisjointSets(catalog.Count);
        foreach ((int one, int other) in pairs)
        {
            sets.Join(one, other);
        }

        return [.. Enumerable.Range(0, catalog.Count).GroupBy(sets.Find).Where(group => group.Skip(1).Any())
            .Select(group => group.Select(i => catalog[i]).ToImmutableArray())];
    }
}
