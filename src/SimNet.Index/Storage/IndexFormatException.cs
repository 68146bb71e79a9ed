namespace SimNet.Index;

/// <summary>The exception for a file that is damaged or is not an index that this version can read.</summary>
public sealed class IndexFormatException : Exception
{
    /// <summary>Creates an exception that names the file, the part of it and the problem.</summary>
    /// <param name="file">The path of the file.</param>
    /// <param name="section">The part of the file: <c>header</c> or the name of a section.</param>
    /// <param name="problem">What is wrong: the actual value and what is expected.</param>
    public IndexFormatException(string file, string section, string problem)
        : base($"{file}: {section}: {problem}")
    {
        File = file;
        Section = section;
        Problem = problem;
    }

    /// <summary>The path of the file.</summary>
    public string File { get; }

    /// <summary>The part of the file: <c>header</c> or the name of a section.</summary>
    public string Section { get; }

    /// <summary>What is wrong: the actual value and what is expected.</summary>
    public string Problem { get; }
}
