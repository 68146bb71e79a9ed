using System.Collections.Immutable;
using nietras.SeparatedValues;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads a catalog from a CSV file: a <c>file</c> column with image paths, and an attribute in every other column.</summary>
internal static class CsvCatalogReader
{
    private const string FileColumn = "file";
    private const string IdColumn = "id";

    // Detects a missing closing quote, after which all following rows would be read as one field.
    private const int MaxRowLength = 1 << 20;

    public static bool HasFileColumn(string path)
    {
        try
        {
            using SepReader csv = Open(path);
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
        using SepReader csv = Open(path);
        return Read(path, csv);
    }

    // Attribute values repeat, so pooled strings keep a large catalog small. The header is read as an ordinary row and the number of fields
    // is checked here, because Sep's errors for a duplicate column or a missing field do not state the line. Quotes are removed here,
    // because Sep accepts quotes at any place.
    private static SepReader Open(string path) => Sep.Reader(options => options with
    {
        HasHeader = false,
        DisableColCountCheck = true,
        Trim = SepTrim.Outer,
        CreateToString = SepToString.PoolPerCol(),
    }).FromFile(path);

    private static string[] ReadHeader(string path, SepReader csv) =>
        NextRow(path, csv) ? Fields(path, csv.Current, csv.Current.LineNumberFrom)
            : throw new CatalogFormatException(path, "is empty; expected a header line with a 'file' column.");

    /// <summary>Advances to the next row that is not blank.</summary>
    private static bool NextRow(string path, SepReader csv)
    {
        try
        {
            while (csv.MoveNext())
            {
                if (!csv.Current.Span.IsWhiteSpace())
                {
                    return true;
                }
            }

            return false;
        }
        catch (NotSupportedException exception)
        {
            throw new CatalogFormatException(
                path, $"contains a row longer than {MaxRowLength} characters; is a closing quote missing?", exception);
        }
    }

    private static string[] Fields(string path, SepReader.Row row, int line)
    {
        if (row.Span.Length > MaxRowLength)
        {
            throw new CatalogFormatException(
                path, $"the row at line {line} is longer than {MaxRowLength} characters; is a closing quote missing?");
        }

        var fields = new string[row.ColCount];
        for (int i = 0; i < fields.Length; i++)
        {
            ReadOnlySpan<char> text = row[i].Span;
            if (!text.Contains('"'))
            {
                fields[i] = row[i].ToString();
                continue;
            }

            // The whole field is in quotes, and each quote within it is doubled.
            string inner = text.Length > 1 && text[0] == '"' && text[^1] == '"' ? text[1..^1].ToString() : "\"";
            if (inner.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal))
            {
                throw new CatalogFormatException(
                    path,
                    $"line {line} has the field {Shorten(text)}; expected quotes around the whole field and doubled quotes within it.");
            }

            fields[i] = inner.Replace("\"\"", "\"", StringComparison.Ordinal);
        }

        return fields;
    }

    private static string Shorten(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny('\r', '\n');
        int length = Math.Min(end < 0 ? text.Length : end, 40);
        return length == text.Length ? text.ToString() : $"{text[..length]}...";
    }

    private static ProductCatalog Read(string path, SepReader csv)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
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
        while (NextRow(path, csv))
        {
            int line = csv.Current.LineNumberFrom;
            string[] row = Fields(path, csv.Current, line);
            if (row.Length != header.Length)
            {
                throw new CatalogFormatException(path, $"line {line} has {row.Length} fields; expected {header.Length}.");
            }

            if (row[fileAt].Length == 0)
            {
                throw new CatalogFormatException(path, $"line {line} has an empty file.");
            }

            ImageSource image = ImageSource.FromFile(Path.Combine(folder, row[fileAt]));
            string id = idAt >= 0 ? row[idAt] : row[fileAt];
            if (id.Length == 0)
            {
                throw new CatalogFormatException(path, $"line {line} has an empty ID.");
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
