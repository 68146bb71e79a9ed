using System.Runtime.InteropServices;
using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>The device of a back end, the precision of its convolutions, and the way of values there and back.</summary>
internal sealed class ComputeDevice
{
    private const string Packages = "TorchSharp-cpu, or with CUDA TorchSharp-cuda-linux or TorchSharp-cuda-windows";

    private ComputeDevice(string name, ScalarType convolutionType)
    {
        Name = name;
        Device = new Device(name);
        ConvolutionType = convolutionType;
    }

    /// <summary>As PyTorch names it: <c>cpu</c>, or <c>cuda:0</c>.</summary>
    public string Name { get; }

    public Device Device { get; }

    /// <summary>The type that convolutions compute in.</summary>
    public ScalarType ConvolutionType { get; }

    public bool IsMixed => ConvolutionType != ScalarType.Float32;

    /// <summary>The device that the options ask for.</summary>
    /// <exception cref="InvalidOperationException">The native library or the CUDA device is not there.</exception>
    public static ComputeDevice Open(TorchSharpBackendOptions options, NativeLibraryProbe probe)
    {
        bool cuda = Load(probe, options.Device == TorchSharpDevice.Cpu ? DeviceType.CPU : DeviceType.CUDA) && options.Device != TorchSharpDevice.Cpu;
        if (!cuda)
        {
            return options.Device == TorchSharpDevice.Cuda
                ? throw new InvalidOperationException(
                    $"{nameof(options.Device)} is {options.Device}, and TorchSharp finds no CUDA device. It takes an NVIDIA device with its driver, and in the application the package TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu.")
                : new ComputeDevice("cpu", options.MixedPrecision ? ScalarType.BFloat16 : ScalarType.Float32);
        }

        int count = probe.CountCudaDevices();
        return options.CudaDevice < count
            ? new ComputeDevice($"cuda:{options.CudaDevice}", options.MixedPrecision ? ScalarType.Float16 : ScalarType.Float32)
            : throw new ArgumentException($"{nameof(options.CudaDevice)} is {options.CudaDevice}; expected a number below {count}, of the devices there are.", nameof(options));
    }

    /// <summary>Samples as a tensor of the device, N x C x H x W.</summary>
    public Tensor Upload(ReadOnlySpan<float> values, int count, Shape shape) => Upload(values, [count, shape.Channels, shape.Height, shape.Width]);

    /// <summary>Values as a tensor of the device.</summary>
    public Tensor Upload(ReadOnlySpan<float> values, long[] dimensions)
    {
        Tensor host = empty(dimensions, ScalarType.Float32, CPU);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(host.bytes));
        return Device.type == DeviceType.CPU ? host : Moved(host);

        Tensor Moved(Tensor source)
        {
            using (source)
            {
                return source.to(Device);
            }
        }
    }

    /// <summary>A tensor's values, in order, as float32.</summary>
    public static void Download(Tensor tensor, Span<float> target)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        Tensor host = tensor.to(ScalarType.Float32).cpu().contiguous();
        MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(target);
    }

    /// <summary>TorchSharp says in three ways, by version and by place, that it has no native library.</summary>
    private static bool Load(NativeLibraryProbe probe, DeviceType device)
    {
        try
        {
            return probe.Load(device);
        }
        catch (Exception exception) when (exception is NotSupportedException or TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new InvalidOperationException(
                $"TorchSharp's native library cannot be loaded. Add its package to the application, in the version of TorchSharp ({typeof(torch).Assembly.GetName().Version}): {Packages}.", exception);
        }
    }
}
