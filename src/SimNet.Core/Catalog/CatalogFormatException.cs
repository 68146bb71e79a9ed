namespace SimNet.Core;

/// <summary>
/// The exception that is thrown when a product catalog, or a catalog saved by an engine, is missing, damaged, or made of parts that do not
/// belong together.
/// </summary>
public sealed class CatalogFormatException : Exception
{
    /// <summary>Initializes an exception for a file or folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">The problem, with the value found and the value expected.</param>
    /// <param name="innerException">The exception that is the cause; <see langword="null"/> if there is none.</param>
    public CatalogFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>The problem, without the path.</summary>
    public string Problem { get; }
}
