namespace SimNet.Embeddings;

/// <summary>An image could not be decoded: not a known format, damaged, or over a limit.</summary>
public sealed class ImageFormatException : Exception
{
    /// <summary>An exception for an image whose file is not known (yet).</summary>
    /// <param name="problem">What was wrong, with the value and what was expected.</param>
    /// <param name="offset">Byte offset at which it was found.</param>
    public ImageFormatException(string problem, long offset)
        : this(problem, offset, file: null)
    {
    }

    /// <summary>An exception that names the file.</summary>
    /// <param name="problem">What was wrong, with the value and what was expected.</param>
    /// <param name="offset">Byte offset at which it was found.</param>
    /// <param name="file">The file's path or name, or null when not known.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public ImageFormatException(string problem, long offset, string? file, Exception? innerException = null)
        : base($"{file ?? "image"}: at byte {offset}: {problem}", innerException)
    {
        Problem = problem;
        Offset = offset;
        File = file;
    }

    /// <summary>What was wrong.</summary>
    public string Problem { get; }

    /// <summary>Byte offset at which it was found.</summary>
    public long Offset { get; }

    /// <summary>The file's path or name; null when not known.</summary>
    public string? File { get; }

    /// <summary>The same problem, with the file's name.</summary>
    public ImageFormatException WithFile(string file) => new(Problem, Offset, file, this);
}
