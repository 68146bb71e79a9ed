namespace SimNet.Embeddings;

/// <summary>
/// The exception that is thrown when an image cannot be decoded: its format is not supported, it is damaged, or it exceeds a limit.
/// </summary>
public sealed class ImageFormatException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="ImageFormatException"/> class without the name of the file.</summary>
    /// <param name="problem">The problem, with the value found and the value expected.</param>
    /// <param name="offset">The byte offset of the problem.</param>
    public ImageFormatException(string problem, long offset)
        : this(problem, offset, file: null)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="ImageFormatException"/> class with the name of the file.</summary>
    /// <param name="problem">The problem, with the value found and the value expected.</param>
    /// <param name="offset">The byte offset of the problem.</param>
    /// <param name="file">The path or name of the file, or null if it is not known.</param>
    /// <param name="innerException">The cause of this exception, or null.</param>
    public ImageFormatException(string problem, long offset, string? file, Exception? innerException = null)
        : base($"{file ?? "image"}: at byte {offset}: {problem}", innerException)
    {
        Problem = problem;
        Offset = offset;
        File = file;
    }

    /// <summary>Gets the problem, with the value found and the value expected.</summary>
    public string Problem { get; }

    /// <summary>Gets the byte offset of the problem.</summary>
    public long Offset { get; }

    /// <summary>Gets the path or name of the file; null if it is not known.</summary>
    public string? File { get; }

    /// <summary>
    /// Gets the cause in a few words, so that failures can be counted by cause, such as "a WebP image", "an HTML page", "cut short" or "too
    /// large". The default is "damaged".
    /// </summary>
    public string Cause { get; init; } = "damaged";

    /// <summary>Gets whether the image is of a kind that this decoder does not know, so that another one may.</summary>
    internal bool IsUnsupported { get; init; }

    /// <summary>Returns an exception for the same problem, with the name of the file.</summary>
    /// <param name="file">The path or name of the file.</param>
    /// <returns>A new exception with this one as its inner exception.</returns>
    internal ImageFormatException WithFile(string file) => new(Problem, Offset, file, this) { Cause = Cause };
}
