using System.Collections;
using System.Collections.Immutable;
using SimNet.Embeddings;

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
        : this(products, CatalogReadReport.Empty)
    {
    }

    internal ProductCatalog(IEnumerable<Product> products, CatalogReadReport readReport)
    {
        ArgumentNullException.ThrowIfNull(products);
        ReadReport = readReport;
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

    /// <summary>
    /// What <see cref="FromFolder"/> left out because it could not be read; empty for a catalog that is not read from files, and for a part
    /// of another catalog.
    /// </summary>
    public CatalogReadReport ReadReport { get; }

    /// <inheritdoc/>
    public Product this[int index] => _products[index];

    /// <summary>
    /// The names of all labels that at least one product has, sorted: the names of the attributes, and <see cref="Product.CategoryLabel"/>.
    /// </summary>
    public IReadOnlyList<string> LabelNames => [.. _products
        .SelectMany(product => product.Category is null ? product.Attributes.Keys : product.Attributes.Keys.Append(Product.CategoryLabel))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// Reads a catalog from a folder or file. Images are not read until they are used, except those in IDX files. A row, a file or a folder
    /// that cannot be read does not end the reading: <see cref="ReadReport"/> of the catalog lists it.
    /// </summary>
    /// <param name="path">
    /// One of the following:
    /// <list type="bullet">
    /// <item><description>
    /// A CSV file, or a folder with exactly one such file, that has a <c>file</c> column with image paths relative to its folder. A column
    /// of another usual name, such as <c>image</c> or <c>filename</c>, is used as well if its values are names of images. An <c>id</c>
    /// column, if present, identifies the product; rows with the same ID are images of one product. A <c>category</c> column gives the
    /// category. Every other column is an attribute. The separator may be a comma, a semicolon, a tab or a vertical bar, and the text
    /// UTF-8, UTF-16 or Windows-1252.
    /// </description></item>
    /// <item><description>
    /// A folder with images at any depth. The ID of a product is the path of its image in the folder, with slashes. The category is the
    /// first folder of that path. A file is an image by its first bytes (<see cref="ImageSignature"/>) or by its extension. Other files and
    /// hidden folders are passed over, and counted.
    /// </description></item>
    /// <item><description>
    /// Images and labels in IDX files, <c>NAME-images-idx3-ubyte</c> and <c>NAME-labels-idx1-ubyte</c>, optionally with <c>.gz</c>: their
    /// folder, or the file with the images.
    /// </description></item>
    /// </list>
    /// </param>
    /// <returns>The catalog.</returns>
    /// <exception cref="CatalogFormatException">
    /// The path contains no such catalog, a CSV file has URLs instead of files or no valid header, or an IDX file is damaged; the message
    /// names the file.
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
        ProductCatalog[] all = [.. catalogs];
        IEnumerable<Product> products = all
            .SelectMany(catalog => catalog)
            .GroupBy(product => product.Id, StringComparer.Ordinal)
            .Select(same => same.Aggregate((one, other) => one with
            {
                Images = [.. one.Images, .. other.Images],
                Category = one.Category ?? other.Category,
                Attributes = other.Attributes.SetItems(one.Attributes),
            }));
        return new ProductCatalog(products, CatalogReadReport.Merge(all.Select(catalog => catalog.ReadReport)));
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
