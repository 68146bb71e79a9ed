using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Detects the kind of catalog at a path and reads it. Reads catalogs of plain image files itself.</summary>
internal static class CatalogReader
{
    private static readonly string[] ImageExtensions = [".jpg", ".jpeg", ".png"];

    public static ProductCatalog Read(string path)
    {
        if (File.Exists(path))
        {
            return IsCsvFile(path) ? CsvCatalogReader.Read(path)
                : IdxCatalogReader.IsImageFile(path) ? IdxCatalogReader.Read([path])
                : throw new CatalogFormatException(
                    path, "is neither a .csv file nor an IDX file with images (NAME-images-idx3-ubyte, optionally .gz).");
        }

        if (!Directory.Exists(path))
        {
            throw new CatalogFormatException(
                path, "does not exist; expected a folder with product images, a .csv file, or an IDX file.");
        }

        string[] files = [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)];
        string[] tables = [.. files.Where(file => IsCsvFile(file) && CsvCatalogReader.HasFileColumn(file))];
        if (tables.Length > 1)
        {
            throw new CatalogFormatException(
                path,
                $"has {tables.Length} CSV files with a 'file' column ({string.Join(", ", tables.Select(Path.GetFileName))}); "
                    + "specify one of them.");
        }

        if (tables.Length == 1)
        {
            return CsvCatalogReader.Read(tables[0]);
        }

        // An unpacked file and its archive are often in the same folder.
        string[] idx =
        [
            .. files.Where(file => IdxCatalogReader.IsImageFile(file)
                && !(file.EndsWith(".gz", StringComparison.Ordinal) && files.Contains(file[..^3]))),
        ];
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
            : throw new CatalogFormatException(
                path,
                "contains no catalog; expected a CSV file with a 'file' column, a folder of .jpg or .png images for each category, "
                    + "such images, or IDX files.");

        void Add(string folder, string? category)
        {
            foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                if (ImageExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                {
                    // The ID includes the extension, since a folder may contain both 1.jpg and 1.png.
                    string id = category is null ? Path.GetFileName(file) : $"{category}/{Path.GetFileName(file)}";
                    products.Add(new Product(id, ImageSource.FromFile(file)) { Category = category });
                }
            }
        }
    }

    private static bool IsCsvFile(string path) => Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);
}
