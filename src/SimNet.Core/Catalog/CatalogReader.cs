namespace SimNet.Core;

/// <summary>Detects the kind of catalog at a path and reads it.</summary>
internal static class CatalogReader
{
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

        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new CatalogFormatException(path, $"cannot be read: {exception.Message}", exception);
        }

        return FindTable(path, files) is { } table ? CsvCatalogReader.Read(table)
            : FindIdx(files) is { Length: > 0 } idx ? IdxCatalogReader.Read(idx)
            : ReadImages(path);
    }

    /// <summary>Returns the only CSV file with a column of image files; <see langword="null"/> if there is none.</summary>
    private static string? FindTable(string path, string[] files)
    {
        var tables = new List<string>();
        CatalogFormatException? refusal = null;
        foreach (string file in files.Where(IsCsvFile))
        {
            try
            {
                if (CsvCatalogReader.HasFileColumn(file))
                {
                    tables.Add(file);
                }
            }
            catch (CatalogFormatException exception)
            {
                refusal ??= exception;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                refusal ??= new CatalogFormatException(file, $"cannot be read: {exception.Message}", exception);
            }
        }

        return tables switch
        {
            // A table of images must not be overlooked, and the images indexed without its labels.
            [] => refusal is null ? null : throw refusal,
            [var table] => table,
            _ => throw new CatalogFormatException(
                path,
                $"has {tables.Count} CSV files with a column of image files ({string.Join(", ", tables.Select(Path.GetFileName))}); "
                    + "specify one of them."),
        };
    }

    /// <summary>Returns the IDX files with images. An unpacked file and its archive are often in the same folder.</summary>
    private static string[] FindIdx(string[] files) =>
    [
        .. files.Where(file => IdxCatalogReader.IsImageFile(file)
            && !(file.EndsWith(".gz", StringComparison.Ordinal) && files.Contains(file[..^3]))),
    ];

    private static ProductCatalog ReadImages(string path)
    {
        ProductCatalog catalog = FolderCatalogReader.Read(path);
        if (catalog.Count > 0)
        {
            return catalog;
        }

        CatalogReadReport report = catalog.ReadReport;
        string found = report.Problems is [var first, ..] ? $" The first of {report.Problems.Length} problems: {first.Path} {first.Problem}"
            : report.PassedOver > 0 ? $" {report.PassedOver} files are no images, such as {string.Join(", ", report.PassedOverExamples)}."
            : "";
        throw new CatalogFormatException(
            path,
            "contains no catalog; expected a CSV file with a 'file' column, images, a folder of images for each category, or IDX files."
                + found);
    }

    private static bool IsCsvFile(string path) => Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);
}
