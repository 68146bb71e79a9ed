namespace SimNet.Index;

/// <summary>A file is not an index that this version can read, or it is damaged.</summary>
public sealed class IndexFormatException : Exception
{
    /// <summary>An exception that names the file, the part of it and the problem.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="section">The part of the file: <c>header</c> or a section's name.</param>
    /// <param name="problem">What was wrong, with the value and what was expected.</param>
    public IndexFormatException(string file, string section, string problem)
        : base($"{file}: {section}: {problem}")
    {
        File = file;
        Section = section;
        Problem = problem;
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>The part of the file: <c>header</c> or a section's name.</summary>
    public string Section { get; }

    /// <summary>What was wrong, with the value and what was expected.</summary>
    public string Problem { get; }
}
