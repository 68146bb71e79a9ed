namespace SimNet.Core;

/// <summary>A catalog, of images or saved by an engine, is not what it should be: missing, damaged, or of parts that do not belong together.</summary>
public sealed class CatalogFormatException : Exception
{
    /// <summary>An exception for a place.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">What was wrong, with the value and what was expected.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public CatalogFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>What was wrong.</summary>
    public string Problem { get; }
}
