using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>
/// The labeled products of a catalog in a training, a validation and a test part. The split is stratified: each part receives its share of
/// the products with each value of the label. Products that show the same image are in the same part.
/// </summary>
/// <param name="Training">The products to train on.</param>
/// <param name="Validation">The products to evaluate on during training.</param>
/// <param name="Test">The products to evaluate on after training.</param>
/// <param name="Label">The label that the split is stratified by.</param>
/// <param name="DuplicateGroups">The groups of products that show the same image.</param>
public sealed record CatalogSplit(
    ProductCatalog Training,
    ProductCatalog Validation,
    ProductCatalog Test,
    string Label,
    ImmutableArray<ImmutableArray<Product>> DuplicateGroups)
{
    /// <summary>Splits a catalog. The same products, label, shares and seed always give the same split.</summary>
    /// <param name="catalog">The products, in any order.</param>
    /// <param name="options">The label, the shares and the seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the work between images.</param>
    /// <returns>The split.</returns>
    /// <exception cref="ArgumentException">No product has the label, or the shares leave no products to train on.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static async Task<CatalogSplit> CreateAsync(
        ProductCatalog catalog, CatalogSplitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new CatalogSplitOptions();
        if (options.ValidationShare + options.TestShare >= 1)
        {
            throw new ArgumentException(
                $"{nameof(options.ValidationShare)} is {options.ValidationShare} and {nameof(options.TestShare)} is {options.TestShare}; "
                    + "expected a sum of less than 1.",
                nameof(options));
        }

        var labeled = new ProductCatalog(catalog.Where(product => product.GetLabel(options.Label) is not null));
        if (labeled.Count == 0)
        {
            string labels = string.Join(", ", catalog.LabelNames.DefaultIfEmpty("none"));
            throw new ArgumentException($"No product has the label '{options.Label}'; the labels are {labels}.", nameof(options));
        }

        ImmutableArray<ImmutableArray<Product>> groups = options.NearDuplicates is null ? []
            : await NearDuplicates.FindAsync(labeled, options.NearDuplicates, cancellationToken).ConfigureAwait(false);
        int[] parts = Assign(labeled, groups, options);
        return new CatalogSplit(Part(0), Part(1), Part(2), options.Label, groups);

        ProductCatalog Part(int part) => new(labeled.Where((_, i) => parts[i] == part));
    }

    /// <summary>
    /// Selects some classes, and at most a given number of products of each. No product changes its part: with any selection, a product
    /// that one model is tested on is never one that another model is trained on.
    /// </summary>
    /// <param name="classes">The values of the label to select; <see langword="null"/>, the default, for all.</param>
    /// <param name="minPerClass">The number of products, in all parts, that a class must have to be selected; 0 by default.</param>
    /// <param name="maxPerClass">
    /// The largest number of products to select of a class, to which each part contributes its share; 0, the default, for no limit. Which
    /// products are selected depends on their IDs and the seed only.
    /// </param>
    /// <param name="seed">The seed that selects products.</param>
    /// <returns>The split of the selected products.</returns>
    /// <exception cref="ArgumentException">No product is of one of the classes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of products is negative.</exception>
    public CatalogSplit Select(IEnumerable<string>? classes = null, int minPerClass = 0, int maxPerClass = 0, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minPerClass);
        ArgumentOutOfRangeException.ThrowIfNegative(maxPerClass);
        Dictionary<string, int> counts = new[] { Training, Validation, Test }.SelectMany(part => part)
            .CountBy(product => product.GetLabel(Label)!, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        HashSet<string> wanted = [.. classes ?? counts.Keys];
        if (wanted.FirstOrDefault(name => !counts.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException(
                $"No product has the value '{unknown}' of the label '{Label}'; "
                    + $"the values are {string.Join(", ", counts.Keys.Order(StringComparer.Ordinal))}.",
                nameof(classes));
        }

        wanted.RemoveWhere(name => counts[name] < minPerClass);
        return this with { Training = Take(Training), Validation = Take(Validation), Test = Take(Test) };

        ProductCatalog Take(ProductCatalog part)
        {
            IEnumerable<IGrouping<string, Product>> selected = part
                .Where(product => wanted.Contains(product.GetLabel(Label)!)).GroupBy(product => product.GetLabel(Label)!);
            HashSet<Product> taken = [.. selected.SelectMany(products =>
            {
                // Rounded to the nearest, so that 3,000 products in shares of 80/10/10 give 2,400, 300 and 300.
                int limit = maxPerClass == 0 || counts[products.Key] <= maxPerClass ? int.MaxValue
                    : (int)Math.Round((double)maxPerClass * products.Count() / counts[products.Key], MidpointRounding.AwayFromZero);
                return products.OrderBy(product => Draw(product.Id, seed)).Take(limit);
            })];
            return new ProductCatalog(part.Where(taken.Contains));
        }
    }

    /// <summary>
    /// Returns the number of the part of each product. Within a label value, groups are ordered at random by their IDs and the seed, and
    /// each goes to the part that lacks the most products, so that every part has its share of every value to within one group.
    /// </summary>
    private static int[] Assign(ProductCatalog catalog, ImmutableArray<ImmutableArray<Product>> groups, CatalogSplitOptions options)
    {
        double[] shares = [1 - options.ValidationShare - options.TestShare, options.ValidationShare, options.TestShare];
        HashSet<Product> grouped = [.. groups.SelectMany(group => group)];
        IEnumerable<ImmutableArray<Product>> units = groups.Concat(
            catalog.Where(product => !grouped.Contains(product)).Select(product => ImmutableArray.Create(product)));
        var parts = new int[catalog.Count];

        // A group whose products differ in their label counts as its first product's value.
        foreach (IGrouping<string, ImmutableArray<Product>> stratum in units.GroupBy(
            unit => unit[0].GetLabel(options.Label)!, StringComparer.Ordinal))
        {
            var assigned = new int[shares.Length];
            int total = 0;
            foreach (ImmutableArray<Product> unit in stratum
                .OrderBy(unit => Draw(unit[0].Id, options.Seed)).ThenBy(unit => unit[0].Id, StringComparer.Ordinal))
            {
                total += unit.Length;
                int part = Enumerable.Range(0, shares.Length).Where(i => shares[i] > 0).MaxBy(i => (shares[i] * total) - assigned[i]);
                assigned[part] += unit.Length;
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
