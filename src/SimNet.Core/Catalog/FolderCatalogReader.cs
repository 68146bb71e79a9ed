using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Reads a catalog from a folder of images. Every file at any depth that is an image by its first bytes or by its extension becomes a
/// product, so that it is either read later or reported. Nothing ends the reading: what cannot be read is a line of the report.
/// </summary>
internal sealed class FolderCatalogReader
{
    private static readonly string[] ImageExtensions =
    [
        ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff",
        ".avif", ".heic", ".heif", ".hif", ".jxl", ".jp2", ".j2k", ".jpx",
    ];

    /// <summary>Folders that systems hide although their names do not start with a period.</summary>
    private static readonly string[] HiddenFolders = ["__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information"];

    private static readonly EnumerationOptions AllEntries = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly string _root;
    private readonly List<Product> _products = [];
    private readonly List<CatalogProblem> _problems = [];
    private readonly List<string> _passedOver = [];

    /// <summary>The folders that are read with all their subfolders: the root, and those outside of it that links lead to.</summary>
    private readonly List<string> _trees;

    private int _passedOverCount;

    private FolderCatalogReader(string root)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _trees = [_root];
    }

    public static ProductCatalog Read(string path)
    {
        var reader = new FolderCatalogReader(path);
        reader.ReadFolder(new DirectoryInfo(reader._root), prefix: "", category: null);
        return new ProductCatalog(
            reader._products,
            new CatalogReadReport([.. reader._problems], reader._passedOverCount, [.. reader._passedOver]));
    }

    /// <summary>Whether a file name has the extension of an image, also before a query as downloads leave it, such as .jpg?v=2.</summary>
    public static bool HasImageExtension(string name)
    {
        int end = name.AsSpan().IndexOfAny("?#:&%");
        return ImageExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)
            || (end > 0 && ImageExtensions.Contains(Path.GetExtension(name[..end]), StringComparer.OrdinalIgnoreCase));
    }

    private void ReadFolder(DirectoryInfo folder, string prefix, string? category)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = folder.GetFileSystemInfos("*", AllEntries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (prefix.Length == 0)
            {
                throw new CatalogFormatException(folder.FullName, $"cannot be read: {exception.Message}", exception);
            }

            AddProblem(folder.FullName, "an unreadable folder", $"cannot be read: {exception.Message}");
            return;
        }

        Array.Sort(entries, (one, other) => string.CompareOrdinal(one.Name, other.Name));
        foreach (FileInfo file in entries.OfType<FileInfo>())
        {
            ReadFile(file, prefix + file.Name, category);
        }

        foreach (DirectoryInfo subfolder in entries.OfType<DirectoryInfo>())
        {
            string name = prefix + subfolder.Name;
            if (HasUnknownName(subfolder))
            {
                continue;
            }

            if (IsHidden(subfolder) || HiddenFolders.Contains(subfolder.Name, StringComparer.OrdinalIgnoreCase))
            {
                PassOver(name + "/");
            }
            else if (!subfolder.Attributes.HasFlag(FileAttributes.ReparsePoint) || EntersLink(subfolder, name))
            {
                ReadFolder(subfolder, name + "/", category ?? subfolder.Name);
            }
        }
    }

    /// <summary>Whether to read the folder that a link leads to. Each folder is read once, so links in a circle end.</summary>
    private bool EntersLink(DirectoryInfo link, string name)
    {
        string? target;
        try
        {
            target = link.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AddProblem(link.FullName, "a link in a circle", $"cannot be followed: {exception.Message}");
            return false;
        }

        // A junction that is not a link, such as a mounted volume, has no target.
        if (target is null)
        {
            return true;
        }

        target = Path.TrimEndingDirectorySeparator(target);
        if (_trees.Any(tree => Contains(tree, target)))
        {
            PassOver(name + "/");
            return false;
        }

        if (_trees.Any(tree => Contains(target, tree)))
        {
            AddProblem(
                link.FullName,
                "a link to a folder around",
                $"is not followed, because it leads to '{target}', which contains the folder that is read.");
            return false;
        }

        _trees.Add(target);
        return true;

        static bool Contains(string folder, string path)
        {
            string start = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
            return path == folder || path.StartsWith(start, StringComparison.Ordinal);
        }
    }

    private void ReadFile(FileInfo file, string name, string? category)
    {
        if (HasUnknownName(file))
        {
            return;
        }

        bool hasExtension = HasImageExtension(file.Name);

        // macOS writes a hidden file ._x.jpg without an image for each x.jpg to other file systems.
        if (!hasExtension || IsHidden(file))
        {
            try
            {
                if (ReadSignature(file.FullName) == ImageFormat.Unknown)
                {
                    PassOver(name);
                    return;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A broken link, or a file that others hold open or keep to themselves.
                AddProblem(file.FullName, "an unreadable file", $"cannot be read: {exception.Message}");
                return;
            }
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            AddProblem(file.FullName, "a blank name", "has a blank name, which is no product ID; rename the file.");
            return;
        }

        _products.Add(new Product(name, ImageSource.FromFile(file.FullName)) { Category = category });
    }

    /// <summary>
    /// Whether the name of an entry is not UTF-8. Such names are listed with replacement characters, with which nothing can be opened.
    /// </summary>
    private bool HasUnknownName(FileSystemInfo entry)
    {
        if (!entry.Name.Contains('\uFFFD', StringComparison.Ordinal) || Path.Exists(entry.FullName))
        {
            return false;
        }

        AddProblem(entry.FullName, "a name that is not UTF-8", "has a name that is not UTF-8, so it cannot be opened; rename it.");
        return true;
    }

    private static ImageFormat ReadSignature(string path)
    {
        if (FileContent.IsNone(path))
        {
            return ImageFormat.Unknown;
        }

        Span<byte> start = stackalloc byte[ImageSignature.Length];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return ImageSignature.Recognize(start[..length]);
    }

    private static bool IsHidden(FileSystemInfo entry) =>
        entry.Name.StartsWith('.') || (OperatingSystem.IsWindows() && entry.Attributes.HasFlag(FileAttributes.Hidden));

    private void AddProblem(string path, string cause, string problem) => _problems.Add(new CatalogProblem(path, null, cause, problem));

    private void PassOver(string name)
    {
        _passedOverCount++;
        if (_passedOver.Count < CatalogReadReport.MaxExamples)
        {
            _passedOver.Add(name);
        }
    }
}
