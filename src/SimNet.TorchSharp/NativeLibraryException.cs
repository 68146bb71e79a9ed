namespace SimNet.TorchSharp;

/// <summary>TorchSharp's native half is missing, does not fit, or has not the GPU that was asked for; the message says what to install.</summary>
public sealed class NativeLibraryException : Exception
{
    /// <summary>An exception with this message.</summary>
    /// <param name="message">What is missing and what to install.</param>
    /// <param name="innerException">What led to it, if anything did.</param>
    public NativeLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Does what may be the first call into the native library, and says clearly where that is not there: TorchSharp says it in several ways, by version and place.</summary>
    internal static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception is NotSupportedException or TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryException(
                "TorchSharp's native library could not be loaded. Add a package that brings it to the app: TorchSharp-cpu, or for CUDA TorchSharp-cuda-linux or TorchSharp-cuda-windows, "
                + $"of the version of TorchSharp, {typeof(global::TorchSharp.DeviceType).Assembly.GetName().Version?.ToString(3)}.",
                exception);
        }
    }
}
