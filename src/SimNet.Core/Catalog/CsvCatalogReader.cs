using System.Collections.Immutable;
using nietras.SeparatedValues;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Reads a catalog from a CSV file: a <c>file</c> column with the images' paths, any other column an attribute.</summary>
internal static class CsvCatalogReader
{
    private const string FileColumn = "file";
    private const string IdColumn = "id";

    // A quote that is never closed would swallow the rows after it.
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
            // Some other program's file.
            return false;
        }
    }

    public static ProductCatalog Read(string path)
    {
        using SepReader csv = Open(path);
        return Read(path, csv);
    }

    // Attributes repeat; pooled strings keep a large catalog small. The header is a row like the others: Sep refuses one that names a column
    // twice, and rows of other lengths, without saying where. Quotes are read here, since Sep takes any text with quotes in it.
    private static SepReader Open(string path) => Sep.Reader(options => options with
    {
        HasHeader = false,
        DisableColCountCheck = true,
        Trim = SepTrim.Outer,
        CreateToString = SepToString.PoolPerCol(),
    }).FromFile(path);

    private static string[] ReadHeader(string path, SepReader csv) =>
        NextRow(path, csv) ? Fields(path, csv.Current, line: 1) : throw new CatalogFormatException(path, "is empty; expected a header line with a 'file' column.");

    /// <summary>Moves to the next row that is not blank.</summary>
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
            throw new CatalogFormatException(path, $"has a row longer than {MaxRowLength} characters; is a quote not closed?", exception);
        }
    }

    private static string[] Fields(string path, SepReader.Row row, int line)
    {
        if (row.Span.Length > MaxRowLength)
        {
            throw new CatalogFormatException(path, $"line {line} starts a row longer than {MaxRowLength} characters; is a quote not closed?");
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

            // "text", each quote in it doubled.
            string inner = text.Length > 1 && text[0] == '"' && text[^1] == '"' ? text[1..^1].ToString() : "\"";
            if (inner.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal))
            {
                throw new CatalogFormatException(path, $"line {line} has the field {Shorten(text)}; expected quotes around the whole of it, each quote in it doubled.");
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
            throw new CatalogFormatException(path, $"line 1 has the columns {string.Join(", ", header)}; expected one named 'file'.");
        }

        if (header.Distinct(StringComparer.Ordinal).Count() != header.Length)
        {
            throw new CatalogFormatException(path, $"line 1 names a column twice: {string.Join(", ", header)}.");
        }

        // Rows of one id are images of one product; what is known of it stands in its first row.
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
                throw new CatalogFormatException(path, $"line {line} names no file.");
            }

            ImageSource image = ImageSource.FromFile(Path.Combine(folder, row[fileAt]));
            string id = idAt >= 0 ? row[idAt] : row[fileAt];
            if (id.Length == 0)
            {
                throw new CatalogFormatException(path, $"line {line} has an empty id.");
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
