using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads a catalog from a CSV file: a <c>file</c> column with image paths, and an attribute in every other column.</summary>
internal static class CsvCatalogReader
{
    private const string FileColumn = "file";
    private const string IdColumn = "id";

    public static bool HasFileColumn(string path)
    {
        try
        {
            using var csv = new CsvRowReader(path);
            return IndexOf(ReadHeader(path, csv), FileColumn) >= 0;
        }
        catch (CatalogFormatException)
        {
            // Not a catalog, but a CSV file of another program.
            return false;
        }
    }

    public static ProductCatalog Read(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var csv = new CsvRowReader(path);
        string[] header = ReadHeader(path, csv);
        int fileAt = IndexOf(header, FileColumn), idAt = IndexOf(header, IdColumn), categoryAt = IndexOf(header, Product.CategoryLabel);
        if (fileAt < 0)
        {
            throw new CatalogFormatException(path, $"the header has the columns {string.Join(", ", header)}; expected one named 'file'.");
        }

        if (header.Distinct(StringComparer.Ordinal).Count() != header.Length)
        {
            throw new CatalogFormatException(path, $"the header has two columns of the same name: {string.Join(", ", header)}.");
        }

        // Rows with the same ID are images of one product; the first of them gives its labels.
        var products = new List<Product>();
        var indexById = new Dictionary<string, int>(StringComparer.Ordinal);
        while (csv.Read())
        {
            string[] row = csv.Fields;
            if (row.Length != header.Length)
            {
                throw new CatalogFormatException(path, $"line {csv.Line} has {row.Length} fields; expected {header.Length}.");
            }

            if (row[fileAt].Length == 0)
            {
                throw new CatalogFormatException(path, $"line {csv.Line} has an empty file.");
            }

            ImageSource image = ImageSource.FromFile(Path.Combine(folder, row[fileAt]));
            string id = idAt >= 0 ? row[idAt] : row[fileAt];
            if (id.Length == 0)
            {
                throw new CatalogFormatException(path, $"line {csv.Line} has an empty ID.");
            }

            if (indexById.TryGetValue(id, out int index))
            {
                products[index] = products[index] with { Images = products[index].Images.Add(image) };
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
            products.Add(new Product(id, image)
            {
                Category = categoryAt >= 0 && row[categoryAt].Length > 0 ? row[categoryAt] : null,
                Attributes = attributes.ToImmutable(),
            });
        }

        return new ProductCatalog(products);
    }

    private static string[] ReadHeader(string path, CsvRowReader csv) => csv.Read()
        ? csv.Fields
        : throw new CatalogFormatException(path, "is empty; expected a header line with a 'file' column.");

    private static int IndexOf(string[] header, string name)
    {
        for (int i = 0; i < header.Length; i++)
        {
            if (header[i].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
