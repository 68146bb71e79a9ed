using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Tells which kind of catalog stands at a path, and reads catalogs of plain image files.</summary>
internal static class CatalogReader
{
    private static readonly string[] ImageExtensions = [".jpg", ".jpeg", ".png"];

    public static ProductCatalog Read(string path)
    {
        if (File.Exists(path))
        {
            return Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? CsvCatalogReader.Read(path)
                : IdxCatalogReader.IsImageFile(path) ? IdxCatalogReader.Read([path])
                : throw new CatalogFormatException(path, "is neither a .csv file nor images in IDX form (NAME-images-idx3-ubyte, .gz allowed).");
        }

        if (!Directory.Exists(path))
        {
            throw new CatalogFormatException(path, "does not exist; expected a folder of product images, a .csv file, or an IDX file.");
        }

        string[] files = [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)];
        string[] tables = [.. files.Where(file => Path.GetExtension(file).Equals(".csv", StringComparison.OrdinalIgnoreCase) && CsvCatalogReader.HasFileColumn(file))];
        if (tables.Length > 1)
        {
            throw new CatalogFormatException(path, $"has {tables.Length} CSV files with a 'file' column ({string.Join(", ", tables.Select(Path.GetFileName))}); name one of them.");
        }

        if (tables.Length == 1)
        {
            return CsvCatalogReader.Read(tables[0]);
        }

        // Whoever unpacks a file often keeps the packed one beside it.
        string[] idx = [.. files.Where(file => IdxCatalogReader.IsImageFile(file) && !(file.EndsWith(".gz", StringComparison.Ordinal) && files.Contains(file[..^3])))];
        if (idx.Length > 0)
        {
            return IdxCatalogReader.Read(idx);
        }

        var products = new List<Product>();
        Add(path, category: null);
        foreach (string folder in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            Add(folder, Path.GetFileName(folder));
        }

        return products.Count > 0 ? new ProductCatalog(products)
            : throw new CatalogFormatException(path, "holds no catalog; expected a CSV with a 'file' column, class folders with .jpg or .png images, such images, or IDX files.");

        void Add(string folder, string? category)
        {
            foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                if (ImageExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                {
                    // The whole name, since one folder may hold 1.jpg and 1.png.
                    string id = category is null ? Path.GetFileName(file) : $"{category}/{Path.GetFileName(file)}";
                    products.Add(new Product(id, ImageSource.FromFile(file)) { Category = category });
                }
            }
        }
    }
}
