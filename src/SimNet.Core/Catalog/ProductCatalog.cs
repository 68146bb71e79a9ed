using System.Collections;
using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>The products of a shop, in a fixed order, each id once. Immutable.</summary>
public sealed class ProductCatalog : IReadOnlyList<Product>
{
    private readonly ImmutableArray<Product> _products;
    private readonly Dictionary<string, int> _indexById = new(StringComparer.Ordinal);

    /// <summary>A catalog of these products.</summary>
    /// <exception cref="ArgumentException">An id is empty or stands twice, or a product has no image.</exception>
    public ProductCatalog(IEnumerable<Product> products)
    {
        ArgumentNullException.ThrowIfNull(products);
        _products = [.. products];
        for (int i = 0; i < _products.Length; i++)
        {
            Product product = _products[i] ?? throw new ArgumentException($"Product {i} is null.", nameof(products));
            if (string.IsNullOrWhiteSpace(product.Id))
            {
                throw new ArgumentException($"Product {i} has an empty id.", nameof(products));
            }

            if (product.Images.IsDefaultOrEmpty)
            {
                throw new ArgumentException($"Product '{product.Id}' has no image; expected at least one.", nameof(products));
            }

            if (!_indexById.TryAdd(product.Id, i))
            {
                throw new ArgumentException($"Two products have the id '{product.Id}'.", nameof(products));
            }
        }
    }

    /// <inheritdoc/>
    public int Count => _products.Length;

    /// <inheritdoc/>
    public Product this[int index] => _products[index];

    /// <summary>The names of all labels that some product has, sorted: the attributes', and <see cref="Product.CategoryLabel"/>.</summary>
    public IReadOnlyList<string> LabelNames => [.. _products
        .SelectMany(product => product.Category is null ? product.Attributes.Keys : product.Attributes.Keys.Append(Product.CategoryLabel))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Reads the catalog that stands at a path.</summary>
    /// <param name="path">
    /// A folder with one CSV file that has a <c>file</c> column (paths relative to the folder; an <c>id</c> column names the product,
    /// rows of one id are images of one product, a <c>category</c> column its category; every other column is an attribute), such a
    /// CSV file itself; a folder of class folders of images (each folder a category); a folder of images; or images and labels
    /// in IDX files (<c>NAME-images-idx3-ubyte</c> and <c>NAME-labels-idx1-ubyte</c>, plain or <c>.gz</c>): the folder, or the images' file.
    /// </param>
    /// <exception cref="CatalogFormatException">Nothing of that kind is there, or it is damaged; the message names the file and line.</exception>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static ProductCatalog FromFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return CatalogReader.Read(path);
    }

    /// <summary>
    /// Several catalogs in one, in their order. Products of one id are one product: it has the images of all of them, and of what is
    /// known of it the first word counts.
    /// </summary>
    /// <param name="catalogs">The catalogs.</param>
    public static ProductCatalog Merge(params IEnumerable<ProductCatalog> catalogs)
    {
        ArgumentNullException.ThrowIfNull(catalogs);
        return new ProductCatalog(catalogs.SelectMany(catalog => catalog).GroupBy(product => product.Id, StringComparer.Ordinal).Select(same => same.Aggregate(
            (one, other) => one with
            {
                Images = [.. one.Images, .. other.Images],
                Category = one.Category ?? other.Category,
                Attributes = other.Attributes.SetItems(one.Attributes),
            })));
    }

    /// <summary>The product of this id; null when there is none.</summary>
    public Product? Find(string id) => IndexOf(id) is var index and >= 0 ? _products[index] : null;

    /// <summary>
    /// Parts the catalog in two by chance, the same way for the same seed. Whether a product goes to the second part depends on its
    /// id and the seed alone, so it stays where it is when others are added or taken away.
    /// </summary>
    /// <param name="share">Share of the second part, in 0 to 1: each product goes there with this probability.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The first part (such as the train set) and the second (such as the test set), each in the catalog's order.</returns>
    public (ProductCatalog First, ProductCatalog Second) Split(double share, int seed)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "The second part's share is from 0 to 1.");
        }

        ILookup<bool, Product> parts = _products.ToLookup(product => new SeededRandom(seed, StableHash(product.Id)).NextDouble() < share);
        return (new ProductCatalog(parts[false]), new ProductCatalog(parts[true]));
    }

    /// <inheritdoc/>
    public IEnumerator<Product> GetEnumerator() => ((IEnumerable<Product>)_products).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Where the product of this id stands; -1 when there is none.</summary>
    internal int IndexOf(string id) => _indexById.TryGetValue(id, out int index) ? index : -1;

    /// <summary>FNV-1a over the id's UTF-16 units: the same in every process, unlike string's own hash.</summary>
    internal static long StableHash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return (long)hash;
    }
}
