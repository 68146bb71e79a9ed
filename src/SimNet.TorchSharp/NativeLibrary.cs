using SimNet.Models;
using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>TorchSharp's native library, which the app brings.</summary>
internal class NativeLibrary
{
    private const string Name = "LibTorchSharp";

    /// <summary>Loads it for a kind of device.</summary>
    /// <returns>Whether there is such a device.</returns>
    public virtual bool Load(DeviceType device) => torch.TryInitializeDeviceType(device);

    public virtual int CountGpus() => torch.cuda.device_count();

    /// <summary>The reason why the library is present and cannot load: an older C or C++ library; null for no such reason.</summary>
    public virtual string? FindVersionMismatch() => LoaderMessage.FindVersionMismatch(Name, typeof(torch).Assembly);

    /// <summary>Makes what may be the first call into the library. TorchSharp reports a library that does not load in several ways.</summary>
    /// <exception cref="NativeLibraryException">The library cannot load; the message says why and what to do.</exception>
    public T Guard<T>(Func<T> call)
    {
        if (FindVersionMismatch() is string mismatch)
        {
            throw new NativeLibraryException($"TorchSharp's native library cannot load: {mismatch}");
        }

        try
        {
            return call();
        }
        catch (Exception exception) when (exception is NotSupportedException or TypeInitializationException or DllNotFoundException
            or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryException(
                "TorchSharp's native library could not be loaded. Add a package that brings it to the app: TorchSharp-cpu, "
                + "or for CUDA TorchSharp-cuda-linux or TorchSharp-cuda-windows, "
                + $"of the version of TorchSharp, {typeof(DeviceType).Assembly.GetName().Version?.ToString(3)}.",
                exception);
        }
    }
}
