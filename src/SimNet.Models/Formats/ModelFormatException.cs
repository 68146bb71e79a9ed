using System.Globalization;

namespace SimNet.Models;

/// <summary>A file of tensors, a model or a checkpoint could not be read: damaged, of another format or version, or over a limit.</summary>
public sealed class ModelFormatException : Exception
{
    // Problems quote names out of files, and a damaged file's names may be as long as the file.
    private const int LongestProblem = 1000;

    /// <summary>An exception that says what was wrong, and where.</summary>
    /// <param name="problem">What was wrong, with the value and what was expected.</param>
    /// <param name="file">The file's path or name; null when not known.</param>
    /// <param name="offset">Byte offset at which it was found; null when not known.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public ModelFormatException(string problem, string? file = null, long? offset = null, Exception? innerException = null)
        : base($"{file ?? "stream"}: {(offset is null ? "" : string.Create(CultureInfo.InvariantCulture, $"at byte {offset}: "))}{Shorten(problem)}", innerException)
    {
        Problem = Shorten(problem);
        File = file;
        Offset = offset;
    }

    /// <summary>What was wrong; cut where it is longer than 1000 characters.</summary>
    public string Problem { get; }

    /// <summary>The file's path or name; null when not known.</summary>
    public string? File { get; }

    /// <summary>Byte offset at which it was found; null when not known.</summary>
    public long? Offset { get; }

    private static string Shorten(string problem) => problem?.Length > LongestProblem ? string.Concat(problem.AsSpan(0, LongestProblem), "…") : problem!;
}
