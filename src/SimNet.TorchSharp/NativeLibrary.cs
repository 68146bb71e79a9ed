using SimNet.Models;
using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>The native library of TorchSharp, which the application provides.</summary>
internal class NativeLibrary
{
    private const string Name = "LibTorchSharp";

    /// <summary>Loads the library for a kind of device.</summary>
    /// <returns>Whether such a device exists.</returns>
    public virtual bool Load(DeviceType device)
    {
        _ = OneDnn.AvoidWrongKernels();
        return torch.TryInitializeDeviceType(device);
    }

    /// <summary>The number of CUDA GPUs.</summary>
    public virtual int CountGpus() => torch.cuda.device_count();

    /// <summary>Explains why the library fails to load because of an older C or C++ library; null if it does not.</summary>
    public virtual string? FindVersionMismatch() => LoaderMessage.FindVersionMismatch(Name, typeof(torch).Assembly);

    /// <summary>
    /// Makes a call that may load the native library. TorchSharp reports a missing library by several kinds of exceptions.
    /// </summary>
    /// <exception cref="NativeLibraryException">The library cannot be loaded; the message says why and what to do.</exception>
    public T Guard<T>(Func<T> call)
    {
        if (FindVersionMismatch() is string mismatch)
        {
            throw new NativeLibraryException($"The native library of TorchSharp cannot be loaded: {mismatch}");
        }

        try
        {
            return call();
        }
        catch (Exception exception) when (exception is NotSupportedException or TypeInitializationException or DllNotFoundException
            or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryException(
                "The native library of TorchSharp cannot be loaded. Add a package that contains it to the application: "
                + "TorchSharp-cpu (CPU), or TorchSharp-cuda-linux or TorchSharp-cuda-windows (CUDA), "
                + $"of the version of TorchSharp, {typeof(DeviceType).Assembly.GetName().Version?.ToString(3)}.",
                exception);
        }
    }
}
