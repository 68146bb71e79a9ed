namespace SimNet.OnnxRuntime;

/// <summary>ONNX Runtime's native half is missing, does not fit, or cannot use the GPU that was asked for; the message says what to install.</summary>
public sealed class NativeLibraryException : Exception
{
    /// <summary>An exception with this message.</summary>
    /// <param name="message">What is missing and what to install.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public NativeLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Does what may be the first call into the native library, and says clearly where that is not there.</summary>
    internal static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            Exception cause = exception is TypeInitializationException { InnerException: { } inner } ? inner : exception;
            throw new NativeLibraryException(
                "ONNX Runtime's native library could not be loaded. Add a package that brings it to the app: Microsoft.ML.OnnxRuntime (CPU) or SimNet.OnnxRuntime.Gpu (CUDA), "
                + $"of a version no older than the managed one. The loader says: {cause.Message}",
                exception);
        }
    }
}
