using System.Collections.Concurrent;
using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Finds products that show the same picture: recompressed, resized, or under two ids. Where one is learnt from and the other judged by,
/// the judgement says nothing.
/// </summary>
public static class NearDuplicates
{
    /// <summary>
    /// Groups of products that share a picture, directly or over others. Pictures that cannot be read are like no other. The same catalog
    /// gives the same groups.
    /// </summary>
    /// <param name="catalog">The products.</param>
    /// <param name="options">When two pictures are the same; the defaults when null.</param>
    /// <param name="cancellationToken">Cancels between pictures.</param>
    /// <returns>Groups of at least two products, in the catalog's order, as are the products in each.</returns>
    public static Task<ImmutableArray<ImmutableArray<Product>>> FindAsync(
        ProductCatalog catalog, NearDuplicateOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new NearDuplicateOptions();
        return Task.Run(() => Find(catalog, options, cancellationToken), cancellationToken);
    }

    private static ImmutableArray<ImmutableArray<Product>> Find(ProductCatalog catalog, NearDuplicateOptions options, CancellationToken cancellationToken)
    {
        (ImageSource Source, int Product)[] pictures = [.. catalog.SelectMany((product, i) => product.Pictures, (product, picture) => picture)
            .Zip(catalog.SelectMany((product, i) => product.Pictures.Select(_ => i)))];
        var thumbnails = new Thumbnail?[pictures.Length];
        Parallel.For(0, pictures.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            try
            {
                thumbnails[i] = Thumbnail.Of(pictures[i].Source.Load(options.Decoder, options.DecoderOptions));
            }
            catch (Exception exception) when (exception is ImageFormatException or IOException)
            {
                // Whoever reads the picture to use it will tell of it.
            }
        });

        // Means of thumbnails that are alike differ by no more than the thumbnails: sorted by it, each has a small window to be compared with.
        (Thumbnail Thumbnail, int Product)[] sorted = [.. thumbnails.Zip(pictures, (thumbnail, picture) => (Thumbnail: thumbnail!, picture.Product))
            .Where(entry => entry.Thumbnail is not null).OrderBy(entry => entry.Thumbnail.Mean)];
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
