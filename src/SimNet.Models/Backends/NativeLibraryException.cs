namespace SimNet.Models;

/// <summary>
/// The exception that is thrown when the native library of a back end is missing or incompatible, or cannot use the requested GPU.
/// The message says what to install.
/// </summary>
public sealed class NativeLibraryException : InvalidOperationException
{
    /// <summary>Initializes a new instance with a message and an optional inner exception.</summary>
    /// <param name="message">What is missing and what to install.</param>
    /// <param name="innerException">The exception that caused this one; null for none.</param>
    public NativeLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
