using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>
/// A catalog's labeled products in three parts: to learn from, to judge by during training, and to judge by once at the end. Each label's
/// products are shared out alike (stratified), and products that show the same image stay in one part.
/// </summary>
/// <param name="Training">Products to learn from.</param>
/// <param name="Validation">Products to judge by during training.</param>
/// <param name="Test">Products to judge by at the end.</param>
/// <param name="Label">The label by which the products were shared out.</param>
/// <param name="DuplicateGroups">Groups of products that show the same image.</param>
public sealed record CatalogSplit(
    ProductCatalog Training, ProductCatalog Validation, ProductCatalog Test, string Label, ImmutableArray<ImmutableArray<Product>> DuplicateGroups)
{
    /// <summary>Parts a catalog. The same products, label, shares and seed give the same parts.</summary>
    /// <param name="catalog">The products.</param>
    /// <param name="options">Label, shares and seed; the defaults when null.</param>
    /// <param name="cancellationToken">Cancels between images.</param>
    /// <exception cref="ArgumentException">No product has the label, or the shares leave nothing to learn from.</exception>
    public static async Task<CatalogSplit> CreateAsync(ProductCatalog catalog, CatalogSplitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new CatalogSplitOptions();
        if (options.ValidationShare + options.TestShare >= 1)
        {
            throw new ArgumentException(
                $"{nameof(options.ValidationShare)} is {options.ValidationShare}, {nameof(options.TestShare)} {options.TestShare}; expected together below 1.", nameof(options));
        }

        var labeled = new ProductCatalog(catalog.Where(product => product.GetLabel(options.Label) is not null));
        if (labeled.Count == 0)
        {
            throw new ArgumentException($"No product has the label '{options.Label}'; known are {string.Join(", ", catalog.LabelNames.DefaultIfEmpty("none"))}.", nameof(options));
        }

        ImmutableArray<ImmutableArray<Product>> groups = options.NearDuplicates is null ? []
            : await NearDuplicates.FindAsync(labeled, options.NearDuplicates, cancellationToken).ConfigureAwait(false);
        int[] parts = Assign(labeled, groups, options);
        return new CatalogSplit(Part(0), Part(1), Part(2), options.Label, groups);

        ProductCatalog Part(int part) => new(labeled.Where((_, i) => parts[i] == part));
    }

    /// <summary>
    /// The split's products of some classes alone, and of each class so many at most. Nobody changes parts: whatever classes and counts
    /// are taken, what one model was tested on no other was trained on.
    /// </summary>
    /// <param name="classes">Values of the label; all when null.</param>
    /// <param name="minPerClass">Classes with fewer products in the whole split are left out; 0 for none.</param>
    /// <param name="maxPerClass">The most products of a class, each part giving its share; 0 for all. Which of them depends on their ids and the seed alone.</param>
    /// <param name="seed">Seed of that choice.</param>
    /// <exception cref="ArgumentException">A class has no product.</exception>
    public CatalogSplit Select(IEnumerable<string>? classes = null, int minPerClass = 0, int maxPerClass = 0, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minPerClass);
        ArgumentOutOfRangeException.ThrowIfNegative(maxPerClass);
        Dictionary<string, int> counts = new[] { Training, Validation, Test }.SelectMany(part => part)
            .CountBy(product => product.GetLabel(Label)!, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        HashSet<string> wanted = [.. classes ?? counts.Keys];
        if (wanted.FirstOrDefault(name => !counts.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException($"No product has the value '{unknown}' of '{Label}'; known are {string.Join(", ", counts.Keys.Order(StringComparer.Ordinal))}.", nameof(classes));
        }

        wanted.RemoveWhere(name => counts[name] < minPerClass);
        return this with { Training = Take(Training), Validation = Take(Validation), Test = Take(Test) };

        ProductCatalog Take(ProductCatalog part)
        {
            HashSet<Product> taken = [.. part.Where(product => wanted.Contains(product.GetLabel(Label)!)).GroupBy(product => product.GetLabel(Label)!).SelectMany(products =>
            {
                // Rounded to the nearest, so that 3,000 in 80/10/10 are 2,400, 300 and 300.
                int most = maxPerClass == 0 || counts[products.Key] <= maxPerClass ? int.MaxValue
                    : (int)Math.Round((double)maxPerClass * products.Count() / counts[products.Key], MidpointRounding.AwayFromZero);
                return products.OrderBy(product => Draw(product.Id, seed)).Take(most);
            })];
            return new ProductCatalog(part.Where(taken.Contains));
        }
    }

    /// <summary>
    /// The number of each product's part. Within a label, groups come in an order drawn by their ids and the seed, and each goes to the part
    /// that is furthest behind its share: so every part has its share of every label, to within one group.
    /// </summary>
    private static int[] Assign(ProductCatalog catalog, ImmutableArray<ImmutableArray<Product>> groups, CatalogSplitOptions options)
    {
        double[] shares = [1 - options.ValidationShare - options.TestShare, options.ValidationShare, options.TestShare];
        HashSet<Product> grouped = [.. groups.SelectMany(group => group)];
        IEnumerable<ImmutableArray<Product>> units = groups.Concat(catalog.Where(product => !grouped.Contains(product)).Select(product => ImmutableArray.Create(product)));
        var parts = new int[catalog.Count];

        // A group that several labels claim counts as its first product's.
        foreach (IGrouping<string, ImmutableArray<Product>> stratum in units.GroupBy(unit => unit[0].GetLabel(options.Label)!, StringComparer.Ordinal))
        {
            var given = new int[shares.Length];
            int total = 0;
            foreach (ImmutableArray<Product> unit in stratum.OrderBy(unit => Draw(unit[0].Id, options.Seed)).ThenBy(unit => unit[0].Id, StringComparer.Ordinal))
            {
                total += unit.Length;
                int part = Enumerable.Range(0, shares.Length).Where(i => shares[i] > 0).MaxBy(i => (shares[i] * total) - given[i]);
                given[part] += unit.Length;
                foreach (Product product in unit)
                {
                    parts[catalog.IndexOf(product.Id)] = part;
                }
            }
        }

        return parts;
    }

    private static ulong Draw(string id, int seed) => new SeededRandom(seed, ProductCatalog.StableHash(id)).NextUInt64();
}
