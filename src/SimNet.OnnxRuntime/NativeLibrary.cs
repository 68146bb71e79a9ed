using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>ONNX Runtime's native half, which the app brings.</summary>
internal static class NativeLibrary
{
    /// <summary>Does what may be the first call into it, and says clearly where it is not there.</summary>
    /// <exception cref="NativeLibraryException">It could not be loaded.</exception>
    public static T Guard<T>(Func<T> call)
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
