using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads a catalog from a CSV file: a <c>file</c> column with the pictures' paths, any other column an attribute.</summary>
internal static class CsvCatalogReader
{
    private const string FileColumn = "file";
    private const string IdColumn = "id";

    private static readonly CsvConfiguration Configuration = new(CultureInfo.InvariantCulture) { BadDataFound = null, TrimOptions = TrimOptions.Trim };

    public static bool HasFileColumn(string path)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvParser(reader, Configuration);
        return csv.Read() && Array.FindIndex(csv.Record!, IsColumn(FileColumn)) >= 0;
    }

    public static ProductCatalog Read(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var reader = new StreamReader(path);
        using var csv = new CsvParser(reader, Configuration);
        if (!csv.Read())
        {
            throw new CatalogFormatException(path, "is empty; expected a header line with a 'file' column.");
        }

        string[] header = csv.Record!;
        int fileAt = Array.FindIndex(header, IsColumn(FileColumn));
        int idAt = Array.FindIndex(header, IsColumn(IdColumn));
        int categoryAt = Array.FindIndex(header, IsColumn(Product.CategoryLabel));
        if (fileAt < 0)
        {
            throw new CatalogFormatException(path, $"line 1 has the columns {string.Join(", ", header)}; expected one named 'file'.");
        }

        if (header.Distinct(StringComparer.Ordinal).Count() != header.Length)
        {
            throw new CatalogFormatException(path, $"line 1 names a column twice: {string.Join(", ", header)}.");
        }

        // Rows of one id are pictures of one product; what is known of it stands in its first row.
        var products = new List<Product>();
        var indexById = new Dictionary<string, int>(StringComparer.Ordinal);
        while (csv.Read())
        {
            string[] row = csv.Record!;
            if (row.Length != header.Length)
            {
                throw new CatalogFormatException(path, $"line {csv.RawRow} has {row.Length} fields; expected {header.Length}.");
            }

            if (row[fileAt].Length == 0)
            {
                throw new CatalogFormatException(path, $"line {csv.RawRow} names no file.");
            }

            ImageSource picture = ImageSource.FromFile(Path.Combine(folder, row[fileAt]));
            string id = idAt >= 0 ? row[idAt] : row[fileAt];
            if (id.Length == 0)
            {
                throw new CatalogFormatException(path, $"line {csv.RawRow} has an empty id.");
            }

            if (indexById.TryGetValue(id, out int index))
            {
                products[index] = products[index] with { Pictures = products[index].Pictures.Add(picture) };
                continue;
            }

            var attributes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            for (int i = 0; i < row.Length; i++)
            {
                if (i != fileAt && i != idAt && i != categoryAt && row[i].Length > 0)
                {
                    attributes.Add(header[i], row[i]);
                }
            }

            indexById.Add(id, products.Count);
            products.Add(new Product(id, picture)
            {
                Category = categoryAt >= 0 && row[categoryAt].Length > 0 ? row[categoryAt] : null,
                Attributes = attributes.ToImmutable(),
            });
        }

        return new ProductCatalog(products);
    }

    private static Predicate<string> IsColumn(string name) => column => column.Equals(name, StringComparison.OrdinalIgnoreCase);
}
