using System.Runtime.InteropServices;
using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>The device of a back end, the precision of its convolutions, and the way of values there and back.</summary>
internal sealed class TorchDevice
{
    private TorchDevice(string name, ScalarType convolutionType)
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

    /// <summary>The type that transposed convolutions compute in: libtorch does not have all of them in bfloat16 on the CPU.</summary>
    public ScalarType TransposedType => ConvolutionType == ScalarType.BFloat16 ? ScalarType.Float32 : ConvolutionType;

    /// <summary>Whether convolutions take their values channels last, as the kernels for the CPU and for half precision are fastest with.</summary>
    public bool ChannelsLast => IsMixed || Device.type == DeviceType.CPU;

    public bool IsMixed => ConvolutionType != ScalarType.Float32;

    /// <summary>The device that the options ask for.</summary>
    /// <exception cref="NativeLibraryException">The native library or the GPU is not there.</exception>
    public static TorchDevice Open(TorchSharpBackendOptions options, NativeLibrary library) => library.Guard(() =>
    {
        if (options.Device == ComputeDevice.Cpu)
        {
            // The library must be there all the same.
            library.Load(DeviceType.CPU);
            return Cpu();
        }

        int count = library.Load(DeviceType.CUDA) ? library.CountGpus() : 0;
        return options.GpuNumber < count ? new TorchDevice($"cuda:{options.GpuNumber}", options.MixedPrecision ? ScalarType.Float16 : ScalarType.Float32)
            : options.Device == ComputeDevice.Auto && count == 0 ? Cpu()
            : throw new NativeLibraryException(count == 0
                ? "TorchSharp was to run on CUDA, and finds no GPU. It takes an NVIDIA GPU with its driver, and in the app the package TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu."
                : $"TorchSharp was to run on GPU {options.GpuNumber}; expected a number below {count}, of the GPUs it finds.");

        TorchDevice Cpu() => new("cpu", options.MixedPrecision ? ScalarType.BFloat16 : ScalarType.Float32);
    });

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
}
