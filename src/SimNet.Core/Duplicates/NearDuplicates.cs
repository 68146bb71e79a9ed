using System.Collections.Concurrent;
using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Finds products that show the same image: recompressed, resized, or listed under two IDs. If such products are in both the training set
/// and the test set, the evaluation is too optimistic.
/// </summary>
public static class NearDuplicates
{
    /// <summary>
    /// Finds groups of products that share an image, directly or through other products. An image that cannot be read matches no other
    /// image. The same catalog always gives the same groups.
    /// </summary>
    /// <param name="catalog">The products.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the work between images.</param>
    /// <returns>Groups of at least two products. The groups, and the products within each, are in the order of the catalog.</returns>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static async Task<ImmutableArray<ImmutableArray<Product>>> FindAsync(
        ProductCatalog catalog, NearDuplicateOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new NearDuplicateOptions();

        // Failures are not reported here: the code that uses the images reports them.
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        Thumbnail?[][] thumbnails = await ImageReading.ReadAsync(
            catalog,
            image => Thumbnail.Create(image.Load(options.Decoder, options.DecoderOptions)),
            failures,
            cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Group(catalog, thumbnails, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static ImmutableArray<ImmutableArray<Product>> Group(
        ProductCatalog catalog, Thumbnail?[][] thumbnails, NearDuplicateOptions options, CancellationToken cancellationToken)
    {
        // The means of two thumbnails differ by no more than the thumbnails do. Sorted by mean, each has only a small window to compare.
        (Thumbnail Thumbnail, int Product)[] sorted =
        [
            .. thumbnails
                .SelectMany((ofProduct, i) => ofProduct.OfType<Thumbnail>().Select(thumbnail => (Thumbnail: thumbnail, Product: i)))
                .OrderBy(entry => entry.Thumbnail.Mean),
        ];
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
            sets.Union(one, other);
        }

        return [.. Enumerable.Range(0, catalog.Count).GroupBy(sets.Find).Where(group => group.Skip(1).Any())
            .Select(group => group.Select(i => catalog[i]).ToImmutableArray())];
    }
}
