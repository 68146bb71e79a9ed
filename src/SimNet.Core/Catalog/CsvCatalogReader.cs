using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Reads a catalog from a CSV file: a column with the paths of the images, and an attribute in every other column. A row that cannot be
/// read is a line of the report.
/// </summary>
internal static class CsvCatalogReader
{
    private const string IdColumn = "id";

    /// <summary>Whether the file is a table with a column of image files.</summary>
    /// <exception cref="CatalogFormatException">The column contains URLs.</exception>
    public static bool HasFileColumn(string path)
    {
        try
        {
            using CsvRowReader csv = OpenTable(path, out string[] header);
            return CsvFileColumn.Find(path, header, csv, FilesOf(path)) >= 0;
        }
        catch (TableFormatException)
        {
            // Not a catalog, but a file of another program.
            return false;
        }
    }

    public static ProductCatalog Read(string path)
    {
        try
        {
            return ReadTable(path);
        }
        catch (TableFormatException exception)
        {
            throw new CatalogFormatException(path, exception.Message);
        }
    }

    private static CsvRowReader OpenTable(string path, out string[] header)
    {
        var csv = new CsvRowReader(path);
        try
        {
            if (!csv.Read())
            {
                throw new TableFormatException("is empty; expected a header line with a 'file' column.");
            }

            if (csv.Problem is { } problem)
            {
                throw new TableFormatException($"line {csv.Line} {problem.Text}");
            }

            if (csv.Fields.Any(name => name.Any(character => char.IsControl(character) && !char.IsWhiteSpace(character))))
            {
                throw new TableFormatException($"line {csv.Line} has control characters; expected text.");
            }

            header = csv.Fields;
            return csv;
        }
        catch
        {
            csv.Dispose();
            throw;
        }
    }

    private static ProductCatalog ReadTable(string path)
    {
        FileFinder files = FilesOf(path);
        int fileAt;
        using (CsvRowReader sample = OpenTable(path, out string[] names))
        {
            fileAt = CsvFileColumn.Find(path, names, sample, files);
            if (fileAt < 0)
            {
                throw new TableFormatException(
                    $"the header has the columns {string.Join(", ", names)}; expected one named 'file' with the paths of images.");
            }

            if (names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).Any(same => same.Skip(1).Any()))
            {
                throw new TableFormatException($"the header has two columns of the same name: {string.Join(", ", names)}.");
            }
        }

        using CsvRowReader csv = OpenTable(path, out string[] header);
        int idAt = IndexOf(header, IdColumn), categoryAt = IndexOf(header, Product.CategoryLabel);
        var problems = ImmutableArray.CreateBuilder<CatalogProblem>();
        int unnamedAt = -1;

        // Rows with the same ID are images of one product; the first of them gives its labels.
        var products = new List<Product>();
        var indexById = new Dictionary<string, int>(StringComparer.Ordinal);
        while (csv.Read())
        {
            string[] row = csv.Fields;
            if (FindProblem(csv, header, fileAt, idAt) is var (cause, problem))
            {
                problems.Add(new CatalogProblem(path, csv.Line, cause, problem));
                continue;
            }

            string? found = files.Find(row[fileAt]);
            if (found is null && NamesSeveralFiles(row[fileAt]))
            {
                problems.Add(new CatalogProblem(
                    path, csv.Line, "several files in a field",
                    $"has the field {row[fileAt]}; expected one file, and a row with the same ID for each other one."));
                continue;
            }

            // A missing file is reported with the images that cannot be read.
            ImageSource image = ImageSource.FromFile(found ?? Path.Combine(files.Folder, row[fileAt]));
            string id = idAt >= 0 ? row[idAt] : row[fileAt];
            if (indexById.TryGetValue(id, out int index))
            {
                products[index] = products[index] with { Images = products[index].Images.Add(image) };
                continue;
            }

            var attributes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            for (int i = 0; i < header.Length; i++)
            {
                if (i == fileAt || i == idAt || i == categoryAt || row[i].Length == 0)
                {
                    continue;
                }

                if (header[i].Length > 0)
                {
                    attributes.Add(header[i], row[i]);
                }
                else if (unnamedAt < 0)
                {
                    unnamedAt = i;
                    problems.Add(new CatalogProblem(
                        path, csv.Line, "a column without a name",
                        $"has the value {row[i]} in column {i + 1}, which has no name; the values of such columns are left out."));
                }
            }

            indexById.Add(id, products.Count);
            products.Add(new Product(id, image)
            {
                Category = categoryAt >= 0 && row[categoryAt].Length > 0 ? row[categoryAt] : null,
                Attributes = attributes.ToImmutable(),
            });
        }

        return new ProductCatalog(products, new CatalogReadReport(problems.ToImmutable(), 0, []));
    }

    /// <summary>Returns why a row cannot be read: a cause of a few words, and the problem; <see langword="null"/> if it can.</summary>
    private static (string Cause, string Problem)? FindProblem(CsvRowReader csv, string[] header, int fileAt, int idAt)
    {
        string[] row = csv.Fields;
        return csv.Problem is { } problem ? problem
            : row.Length < header.Length || row.Skip(header.Length).Any(field => field.Length > 0)
                ? ("a wrong number of fields", $"has {row.Length} fields; expected {header.Length}.")
            : string.IsNullOrWhiteSpace(row[fileAt]) ? ("an empty file name", $"has an empty field '{header[fileAt]}'.")
            : idAt >= 0 && string.IsNullOrWhiteSpace(row[idAt]) ? ("an empty ID", "has an empty ID.")
            : CsvFileColumn.IsUrl(row[fileAt]) ? ("a URL", $"has the URL {row[fileAt]}; expected the path of a file.")
            : null;
    }

    private static bool NamesSeveralFiles(string cell)
    {
        string[] parts = cell.Split([',', ';', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 1 && parts.All(FolderCatalogReader.HasImageExtension);
    }

    private static FileFinder FilesOf(string path) => new(Path.GetDirectoryName(Path.GetFullPath(path))!);

    private static int IndexOf(string[] header, string name) =>
        Array.FindIndex(header, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The file is no table of images. Other problems, such as URLs, are no reason to take a table for another file.</summary>
    private sealed class TableFormatException(string problem) : Exception(problem);
}
