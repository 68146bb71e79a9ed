using System.Collections.Immutable;
using CsvHelper;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads a catalog from a CSV file: a <c>file</c> column with the pictures' paths, any other column an attribute.</summary>
internal static class CsvCatalogReader
{
    private const string FileColumn = "file";
    private const string IdColumn = "id";

    // Attributes repeat; pooled strings keep a large catalog small. A quote that is never closed would swallow the rows after it.
    private static readonly CsvReaderOptions Options = new()
    {
        TrimWhitespace = true,
        TrackLineNumbers = true,
        PoolStrings = true,
        MalformedData = CsvMalformedDataHandling.Throw,
        MaxRecordSize = 1 << 20,
    };

    public static bool HasFileColumn(string path)
    {
        try
        {
            using CsvReader csv = CsvReader.FromFile(path, Options);
            return IndexOf(csv.Headers, FileColumn) >= 0;
        }
        catch (CsvFormatException)
        {
            // Some other program's file.
            return false;
        }
    }

    public static ProductCatalog Read(string path)
    {
        try
        {
            using CsvReader csv = CsvReader.FromFile(path, Options);
            return Read(path, csv);
        }
        catch (CsvFormatException exception)
        {
            throw new CatalogFormatException(path, exception.Message, exception);
        }
    }

    private static ProductCatalog Read(string path, CsvReader csv)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string[] header = [.. csv.Headers];
        if (header.Length == 0)
        {
            throw new CatalogFormatException(path, "is empty; expected a header line with a 'file' column.");
        }

        int fileAt = IndexOf(header, FileColumn), idAt = IndexOf(header, IdColumn), categoryAt = IndexOf(header, Product.CategoryLabel);
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
            if (csv.FieldCount != header.Length)
            {
                throw new CatalogFormatException(path, $"line {csv.LineNumber} has {csv.FieldCount} fields; expected {header.Length}.");
            }

            string[] row = csv.Current.ToArray();
            if (row[fileAt].Length == 0)
            {
                throw new CatalogFormatException(path, $"line {csv.LineNumber} names no file.");
            }

            ImageSource picture = ImageSource.FromFile(Path.Combine(folder, row[fileAt]));
            string id = idAt >= 0 ? row[idAt] : row[fileAt];
            if (id.Length == 0)
            {
                throw new CatalogFormatException(path, $"line {csv.LineNumber} has an empty id.");
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

    private static int IndexOf(IReadOnlyList<string> header, string name)
    {
        for (int i = 0; i < header.Count; i++)
        {
            if (header[i].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
