using System.Runtime.InteropServices;
using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>The device of a back end: the precision of its convolutions, and transfers to and from it.</summary>
internal sealed class TorchDevice
{
    private TorchDevice(string name, ScalarType convolutionType)
    {
        Name = name;
        Device = new Device(name);
        ConvolutionType = convolutionType;
    }

    /// <summary>The name of the device in PyTorch: <c>cpu</c>, or <c>cuda:0</c>.</summary>
    public string Name { get; }

    public Device Device { get; }

    /// <summary>The type that convolutions compute in.</summary>
    public ScalarType ConvolutionType { get; }

    /// <summary>The type that transposed convolutions compute in: libtorch does not support all of them in bfloat16 on the CPU.</summary>
    public ScalarType TransposedType => ConvolutionType == ScalarType.BFloat16 ? ScalarType.Float32 : ConvolutionType;

    /// <summary>Whether convolutions use the channels-last memory format, which is fastest on the CPU and in half precision.</summary>
    public bool ChannelsLast => IsMixed || Device.type == DeviceType.CPU;

    /// <summary>Whether convolutions compute in half precision.</summary>
    public bool IsMixed => ConvolutionType != ScalarType.Float32;

    /// <summary>Opens the device that the options select.</summary>
    /// <exception cref="NativeLibraryException">The native library cannot be loaded, or there is no such GPU.</exception>
    public static TorchDevice Open(TorchSharpBackendOptions options, NativeLibrary library) => library.Guard(() =>
    {
        if (options.Device == ComputeDevice.Cpu)
        {
            // The native library is required all the same.
            library.Load(DeviceType.CPU);
            return Cpu();
        }

        int count = library.Load(DeviceType.CUDA) ? library.CountGpus() : 0;
        return options.GpuNumber < count
            ? new TorchDevice($"cuda:{options.GpuNumber}", options.MixedPrecision ? ScalarType.Float16 : ScalarType.Float32)
            : options.Device == ComputeDevice.Auto && count == 0 ? Cpu()
            : throw new NativeLibraryException(count == 0
                ? "TorchSharp finds no GPU for CUDA. Expected an NVIDIA GPU with its driver, and in the application the package "
                    + "TorchSharp-cuda-linux or TorchSharp-cuda-windows instead of TorchSharp-cpu."
                : $"GPU {options.GpuNumber} does not exist; expected a {nameof(options.GpuNumber)} below {count}, the number of GPUs.");

        TorchDevice Cpu() => new("cpu", options.MixedPrecision ? ScalarType.BFloat16 : ScalarType.Float32);
    });

    /// <summary>Copies samples to a tensor on the device, N x C x H x W.</summary>
    public Tensor Upload(ReadOnlySpan<float> values, int count, Shape shape)
        => Upload(values, [count, shape.Channels, shape.Height, shape.Width]);

    /// <summary>Copies values to a tensor on the device.</summary>
    public Tensor Upload(ReadOnlySpan<float> values, long[] dimensions)
    {
        Tensor host = empty(dimensions, ScalarType.Float32, CPU);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(host.bytes));
        return Device.type == DeviceType.CPU ? host : MoveToDevice(host);

        Tensor MoveToDevice(Tensor source)
        {
            using (source)
            {
                return source.to(Device);
            }
        }
    }

    /// <summary>Copies the values of a tensor, in order, as float32.</summary>
    public static void Download(Tensor tensor, Span<float> target)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        Tensor host = tensor.to(ScalarType.Float32).cpu().contiguous();
        MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(target);
    }
}
