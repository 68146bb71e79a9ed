using System.Globalization;

namespace SimNet.Models;

/// <summary>
/// The exception that is thrown when a model, a checkpoint, or a tensor file is damaged, has an unsupported format or version, or exceeds
/// a limit.
/// </summary>
public sealed class ModelFormatException : Exception
{
    // Problems quote names in files, and a name in a damaged file can be as long as the file.
    private const int LongestProblem = 1000;

    /// <summary>Initializes a new instance with a problem and its location.</summary>
    /// <param name="problem">The problem: the value and what is expected.</param>
    /// <param name="file">The path or name of the file; null if unknown.</param>
    /// <param name="offset">The offset of the problem in bytes; null if unknown.</param>
    /// <param name="innerException">The exception that caused this one; null for none.</param>
    public ModelFormatException(string problem, string? file = null, long? offset = null, Exception? innerException = null)
        : base($"{file ?? "stream"}: {FormatOffset(offset)}{Shorten(problem)}", innerException)
    {
        Problem = Shorten(problem);
        File = file;
        Offset = offset;
    }

    /// <summary>The problem, truncated to 1000 characters.</summary>
    public string Problem { get; }

    /// <summary>The path or name of the file; null if unknown.</summary>
    public string? File { get; }

    /// <summary>The offset of the problem in bytes; null if unknown.</summary>
    public long? Offset { get; }

    private static string FormatOffset(long? offset) =>
        offset is null ? "" : string.Create(CultureInfo.InvariantCulture, $"at byte {offset}: ");

    private static string Shorten(string problem) =>
        problem?.Length > LongestProblem ? string.Concat(problem.AsSpan(0, LongestProblem), "…") : problem!;
}
