using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>What is asked of TorchSharp's native library before anything is computed; each of it may find that there is none.</summary>
internal class NativeLibraryProbe
{
    /// <summary>Loads the library for a kind of device; whether the device is there.</summary>
    public virtual bool Load(DeviceType device) => torch.TryInitializeDeviceType(device);

    public virtual int CountGpus() => torch.cuda.device_count();
}
