using System.Globalization;

namespace SimNet.Models;

/// <summary>A file of tensors, a model or a checkpoint could not be read: damaged, of another format or version, or over a limit.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>An exception that says what was wrong, and where.</summary>
    /// <param name="problem">What was wrong, with the value and what was expected.</param>
    /// <param name="file">The file's path or name; null when not known.</param>
    /// <param name="offset">Byte offset at which it was found; null when not known.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public ModelFormatException(string problem, string? file = null, long? offset = null, Exception? innerException = null)
        : base($"{file ?? "stream"}: {(offset is null ? "" : string.Create(CultureInfo.InvariantCulture, $"at byte {offset}: "))}{problem}", innerException)
    {
        Problem = problem;
        File = file;
        Offset = offset;
    }

    /// <summary>What was wrong.</summary>
    public string Problem { get; }

    /// <summary>The file's path or name; null when not known.</summary>
    public string? File { get; }

    /// <summary>Byte offset at which it was found; null when not known.</summary>
    public long? Offset { get; }
}
