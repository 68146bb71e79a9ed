namespace SimNet.Cli;

/// <summary>Checks an output before the work for it starts, which can take hours, instead of after it.</summary>
internal static class OutputPath
{
    /// <summary>Checks that a file can be written.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public static void RequireFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder; expected the path of a file to write.");
        }

        RequireWritable(path, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Checks that files can be written to a folder, which need not exist.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public static void RequireFolder(string path) => RequireWritable(path, Path.GetFullPath(path));

    /// <summary>Creates a file in the first folder on the way up that exists, and deletes it.</summary>
    private static void RequireWritable(string path, string? folder)
    {
        while (folder is not null && !Directory.Exists(folder))
        {
            if (File.Exists(folder))
            {
                throw new IOException($"'{path}' cannot be written, because '{folder}' is a file; expected a folder.");
            }

            folder = Path.GetDirectoryName(folder);
        }

        string probe = Path.Combine(folder ?? throw new IOException($"'{path}' cannot be written."), $".simnet-{Guid.NewGuid():N}.tmp");
        try
        {
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be written: {exception.Message}", exception);
        }
    }
}
