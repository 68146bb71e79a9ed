namespace SimNet.Core;

/// <summary>Finds the column of a table that names the image files.</summary>
internal static class CsvFileColumn
{
    /// <summary>The name that every table can use.</summary>
    public const string Name = "file";

    private const int SampleRows = 100;

    /// <summary>Other usual names, in lower case without spaces, hyphens and underscores, the most telling first.</summary>
    private static readonly string[] OtherNames =
    [
        "filename", "filepath", "files", "imagefile", "imagefilename", "imagefilepath", "imagename", "imagepath", "image", "images", "img",
        "imgfile", "imgname", "imgpath", "picture", "picturefile", "picturepath", "pictures", "pic", "photo", "photofile", "photopath",
        "photos", "imagesrc", "imgsrc", "imageurl", "imageurls", "imgurl", "pictureurl", "photourl", "imagelink", "imagelinks", "imageuri",
        "path", "src", "url", "link",
    ];

    private enum Content
    {
        Unknown,
        Files,
        Urls,
    }

    /// <summary>Whether a cell is the address of a page or image instead of a file.</summary>
    public static bool IsUrl(string cell) =>
        cell.Contains("://", StringComparison.Ordinal) || cell.StartsWith("//", StringComparison.Ordinal);

    /// <summary>
    /// Finds the column: the one named 'file', or one of another usual name whose cells are names of images or files that exist.
    /// </summary>
    /// <param name="path">The table.</param>
    /// <param name="header">The header.</param>
    /// <param name="csv">A reader of the table after its header. Some rows are read.</param>
    /// <param name="files">Finds the files that the table names.</param>
    /// <returns>The index of the column; -1 if there is none.</returns>
    /// <exception cref="CatalogFormatException">The only such column contains URLs.</exception>
    public static int Find(string path, string[] header, CsvRowReader csv, FileFinder files)
    {
        int[] candidates =
        [
            .. header.Select((name, i) => (Rank: Rank(name), Column: i)).Where(entry => entry.Rank >= 0)
                .OrderBy(entry => entry.Rank).Select(entry => entry.Column),
        ];
        if (candidates.Length == 0)
        {
            return -1;
        }

        var contents = new Content[header.Length];
        var examples = new string[header.Length];
        for (int row = 0; row < SampleRows && csv.Read(); row++)
        {
            foreach (int column in candidates)
            {
                string cell = column < csv.Fields.Length ? csv.Fields[column] : "";
                if (contents[column] == Content.Files || cell.Length == 0)
                {
                    continue;
                }

                // One file is enough, since some rows may be bad.
                if (Classify(files, cell, header[column]) is var content and not Content.Unknown)
                {
                    contents[column] = content;
                    examples[column] = cell;
                }
            }
        }

        int found = Array.FindIndex(candidates, column => contents[column] == Content.Files);
        int urls = Array.FindIndex(candidates, column => contents[column] == Content.Urls);
        return found >= 0 ? candidates[found]
            : urls >= 0 ? throw new CatalogFormatException(
                path,
                $"the column '{header[candidates[urls]]}' contains URLs, such as {examples[candidates[urls]]}; download the images first, "
                    + "and name the files in a column 'file'.")
            : Rank(header[candidates[0]]) == 0 ? candidates[0]
            : -1;
    }

    private static int Rank(string name)
    {
        string plain = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return plain == Name ? 0 : Array.IndexOf(OtherNames, plain) is var index and >= 0 ? index + 1 : -1;
    }

    private static Content Classify(FileFinder files, string cell, string name)
    {
        bool isImage = FolderCatalogReader.HasImageExtension(cell);
        if (IsUrl(cell))
        {
            // A table may link the page of each product.
            bool mayBePage = name.Equals("url", StringComparison.OrdinalIgnoreCase)
                || name.Equals("link", StringComparison.OrdinalIgnoreCase);
            return isImage || !mayBePage ? Content.Urls : Content.Unknown;
        }

        return isImage || files.Find(cell) is not null ? Content.Files : Content.Unknown;
    }
}
