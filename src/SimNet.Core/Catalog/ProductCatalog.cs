using System.Collections;
using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>An immutable list of products with unique IDs.</summary>
public sealed class ProductCatalog : IReadOnlyList<Product>
{
    private readonly ImmutableArray<Product> _products;
    private readonly Dictionary<string, int> _indexById = new(StringComparer.Ordinal);

    /// <summary>Initializes a catalog that holds the given products in the given order.</summary>
    /// <param name="products">The products.</param>
    /// <exception cref="ArgumentException">An ID is empty or used twice, or a product has no image.</exception>
    public ProductCatalog(IEnumerable<Product> products)
    {
        ArgumentNullException.ThrowIfNull(products);
        _products = [.. products];
        for (int i = 0; i < _products.Length; i++)
        {
            Product product = _products[i] ?? throw new ArgumentException($"Product {i} is null.", nameof(products));
            if (string.IsNullOrWhiteSpace(product.Id))
            {
                throw new ArgumentException($"Product {i} has an empty ID.", nameof(products));
            }

            if (product.Images.IsDefaultOrEmpty)
            {
                throw new ArgumentException($"Product '{product.Id}' has no image; expected at least one.", nameof(products));
            }

            if (!_indexById.TryAdd(product.Id, i))
            {
                throw new ArgumentException($"Two products have the ID '{product.Id}'.", nameof(products));
            }
        }
    }

    /// <inheritdoc/>
    public int Count => _products.Length;

    /// <inheritdoc/>
    public Product this[int index] => _products[index];

    /// <summary>
    /// The names of all labels that at least one product has, sorted: the names of the attributes, and <see cref="Product.CategoryLabel"/>.
    /// </summary>
    public IReadOnlyList<string> LabelNames => [.. _products
        .SelectMany(product => product.Category is null ? product.Attributes.Keys : product.Attributes.Keys.Append(Product.CategoryLabel))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Reads a catalog from a folder or file. Images are not read until they are used, except those in IDX files.</summary>
    /// <param name="path">
    /// One of the following:
    /// <list type="bullet">
    /// <item><description>
    /// A CSV file, or a folder with exactly one CSV file, that has a <c>file</c> column with image paths relative to its folder. An
    /// <c>id</c> column, if present, identifies the product; rows with the same ID are images of one product. A <c>category</c> column
    /// gives the category. Every other column is an attribute. The separator may be a comma, a semicolon or a tab.
    /// </description></item>
    /// <item><description>A folder with a subfolder of .jpg and .png images for each category.</description></item>
    /// <item><description>A folder with .jpg and .png images.</description></item>
    /// <item><description>
    /// Images and labels in IDX files, <c>NAME-images-idx3-ubyte</c> and <c>NAME-labels-idx1-ubyte</c>, optionally with <c>.gz</c>: their
    /// folder, or the file with the images.
    /// </description></item>
    /// </list>
    /// </param>
    /// <returns>The catalog.</returns>
    /// <exception cref="CatalogFormatException">
    /// The path contains no such catalog, or the catalog is damaged; the message names the file and the line.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ProductCatalog FromFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return CatalogReader.Read(path);
    }

    /// <summary>
    /// Concatenates catalogs. Products with the same ID become one product with the images of all of them; where their labels differ, the
    /// first value is used.
    /// </summary>
    /// <param name="catalogs">The catalogs.</param>
    /// <returns>The merged catalog.</returns>
    public static ProductCatalog Merge(params IEnumerable<ProductCatalog> catalogs)
    {
        ArgumentNullException.ThrowIfNull(catalogs);
        return new ProductCatalog(catalogs
            .SelectMany(catalog => catalog)
            .GroupBy(product => product.Id, StringComparer.Ordinal)
            .Select(same => same.Aggregate((one, other) => one with
            {
                Images = [.. one.Images, .. other.Images],
                Category = one.Category ?? other.Category,
                Attributes = other.Attributes.SetItems(one.Attributes),
            })));
    }

    /// <summary>Finds a product by its ID.</summary>
    /// <param name="id">The ID.</param>
    /// <returns>The product; <see langword="null"/> if no product has this ID.</returns>
    public Product? Find(string id) => IndexOf(id) is var index and >= 0 ? _products[index] : null;

    /// <summary>
    /// Splits the catalog at random into two parts. The part of a product depends on its ID and the seed only, so adding or removing other
    /// products does not change it.
    /// </summary>
    /// <param name="share">The probability with which a product goes to the second part; 0 to 1.</param>
    /// <param name="seed">The seed. The same seed always gives the same split.</param>
    /// <returns>The first part (such as a training set) and the second part (such as a test set), in the order of the catalog.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in the range 0 to 1.</exception>
    public (ProductCatalog First, ProductCatalog Second) Split(double share, int seed)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "Expected a share from 0 to 1.");
        }

        ILookup<bool, Product> parts = _products.ToLookup(
            product => new SeededRandom(seed, StableHash(product.Id)).NextDouble() < share);
        return (new ProductCatalog(parts[false]), new ProductCatalog(parts[true]));
    }

    /// <inheritdoc/>
    public IEnumerator<Product> GetEnumerator() => ((IEnumerable<Product>)_products).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the position of the product with this ID; -1 if there is none.</summary>
    internal int IndexOf(string id) => _indexById.TryGetValue(id, out int index) ? index : -1;

    /// <summary>Computes FNV-1a over the UTF-16 code units. Unlike the hash code of a string, it is the same in every process.</summary>
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
