using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>The native library of ONNX Runtime, which the application provides.</summary>
internal static class NativeLibrary
{
    /// <summary>Makes a call that may load the native library.</summary>
    /// <exception cref="NativeLibraryException">The library cannot be loaded; the message says why and what to do.</exception>
    public static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception
            is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            Exception cause = exception is TypeInitializationException { InnerException: { } inner } ? inner : exception;
            throw new NativeLibraryException(
                "The native library of ONNX Runtime cannot be loaded. Add a package that contains it to the application: "
                + "Microsoft.ML.OnnxRuntime (CPU) or SimNet.OnnxRuntime.Gpu (CUDA), not older than Microsoft.ML.OnnxRuntime.Managed. "
                + $"The loader reports: {cause.Message}",
                exception);
        }
    }
}
