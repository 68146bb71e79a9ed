namespace SimNet.Models;

/// <summary>The native half of a back end is missing, does not fit, or cannot use the GPU that was asked for; the message says what to install.</summary>
public sealed class NativeLibraryException : InvalidOperationException
{
    /// <summary>An exception with this message.</summary>
    /// <param name="message">What is missing and what to install.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public NativeLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
