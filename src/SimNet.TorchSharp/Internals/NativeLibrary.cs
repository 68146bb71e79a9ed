using SimNet.Models;
using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>TorchSharp's native half, which the app brings, as asked about before anything is computed.</summary>
internal class NativeLibrary
{
    /// <summary>Loads it for a kind of device; whether there is such a device.</summary>
    public virtual bool Load(DeviceType device) => torch.TryInitializeDeviceType(device);

    public virtual int CountGpus() => torch.cuda.device_count();

    /// <summary>Does what may be the first call into it, and says clearly where it is not there: TorchSharp says it in several ways, by version and place.</summary>
    /// <exception cref="NativeLibraryException">It could not be loaded.</exception>
    public static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception is NotSupportedException or TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryException(
                "TorchSharp's native library could not be loaded. Add a package that brings it to the app: TorchSharp-cpu, or for CUDA TorchSharp-cuda-linux or TorchSharp-cuda-windows, "
                + $"of the version of TorchSharp, {typeof(DeviceType).Assembly.GetName().Version?.ToString(3)}.",
                exception);
        }
    }
}
