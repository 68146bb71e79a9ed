namespace SimNet.Core;

/// <summary>Finds the files that a table names, relative to its folder.</summary>
internal sealed class FileFinder(string folder)
{
    /// <summary>The entries of the folders that were searched, by their names with composed letters split.</summary>
    private readonly Dictionary<string, Dictionary<string, string>> _entries = new(StringComparer.Ordinal);

    /// <summary>The folder that names are relative to.</summary>
    public string Folder => folder;

    /// <summary>
    /// Finds a file. Its name may have the separators of Windows, and composed letters where the disk has a letter and an accent, or the
    /// other way round.
    /// </summary>
    /// <returns>The path; <see langword="null"/> if no such file exists.</returns>
    public string? Find(string name)
    {
        string path = Path.Combine(folder, name);
        if (Path.Exists(path))
        {
            return path;
        }

        string local = name.Replace('\\', Path.DirectorySeparatorChar).Replace('/', Path.DirectorySeparatorChar);
        if (Path.IsPathRooted(local))
        {
            return null;
        }

        path = folder;
        foreach (string part in local.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(path, part);
            if (!Path.Exists(next))
            {
                if (part.All(char.IsAscii) || !EntriesOf(path).TryGetValue(CanonicalNames.Decompose(part), out string? found))
                {
                    return null;
                }

                next = found;
            }

            path = next;
        }

        return path;
    }

    private Dictionary<string, string> EntriesOf(string path)
    {
        if (_entries.TryGetValue(path, out Dictionary<string, string>? entries))
        {
            return entries;
        }

        entries = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(path))
            {
                entries.TryAdd(CanonicalNames.Decompose(Path.GetFileName(entry)), entry);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A missing or unreadable folder has no such file.
        }

        _entries.Add(path, entries);
        return entries;
    }
}
