namespace SimNet;

/// <summary>Tells files with content from those whose opening could wait forever.</summary>
internal static class FileContent
{
    /// <summary>
    /// Whether a path, with links followed, is an empty file, or a pipe, a socket or a device, which the system also gives the length 0.
    /// Opening a pipe waits for somebody to write to it, so such a file must not be opened.
    /// </summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static bool IsNone(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            // A missing file, a broken link or a folder: opening it tells which.
            return false;
        }

        // The length of a link is that of its text.
        if (file.Attributes.HasFlag(FileAttributes.ReparsePoint)
            && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
        {
            // The open pipes of a process are links to names such as pipe:[4711]. Any other target that does not exist is a broken link.
            return target.Exists ? target.Length == 0 : target.Name.Contains(":[", StringComparison.Ordinal);
        }

        return file.Length == 0;
    }
}
