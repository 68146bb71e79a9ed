using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Models;
using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>
/// Trains and infers with TorchSharp, on a CUDA GPU if there is one and otherwise on the CPU. Supports every layer, loss and optimizer with
/// the semantics and parameter names of the managed back end, so that a training run may start on one back end and resume on the other.
/// The back end and its inference sessions are thread-safe. A session uses a single GPU.
/// </summary>
/// <remarks>
/// This package depends on TorchSharp's managed library; the application adds the native one: <c>TorchSharp-cpu</c>,
/// <c>TorchSharp-cuda-linux</c> or <c>TorchSharp-cuda-windows</c>. Results equal those of the managed back end up to rounding; on a GPU,
/// identical runs may differ in the last bits. Cancellation takes effect between two layers of the forward pass, or after the backward pass
/// before anything is updated.
/// </remarks>
public sealed partial class TorchSharpBackend : ITrainingBackend
{
    private readonly TorchDevice _device;

    /// <summary>Creates a back end with the given options; loads the native library and opens the device.</summary>
    /// <param name="options">Device, precision and threads; null for the defaults.</param>
    /// <param name="logger">Logs the selected device, and a warning where its fast kernels cannot be used; null for no logging.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="NativeLibraryException">
    /// The native library of TorchSharp is missing, or CUDA is required but not available; the message says what to install.
    /// </exception>
    public TorchSharpBackend(TorchSharpBackendOptions? options = null, ILogger<TorchSharpBackend>? logger = null)
        : this(options ?? new TorchSharpBackendOptions(), new NativeLibrary(), logger ?? NullLogger<TorchSharpBackend>.Instance)
    {
    }

    internal TorchSharpBackend(TorchSharpBackendOptions options, NativeLibrary library, ILogger logger)
    {
        Require(Enum.IsDefined(options.Device), nameof(options.Device), options.Device, "a defined device");
        Require(options.GpuNumber >= 0, nameof(options.GpuNumber), options.GpuNumber, "0 or more");
        Require(options.MaxThreads >= 0, nameof(options.MaxThreads), options.MaxThreads, "0 (unchanged) or more");
        _device = TorchDevice.Open(options, library);
        LogDevice(logger, _device.Name, options.Device, _device.ConvolutionType);
        if (Device == ComputeDevice.Cpu && OneDnn.AvoidWrongKernels())
        {
            LogLimit(logger);
        }

        if (options.MaxThreads > 0)
        {
            torch.set_num_threads(options.MaxThreads);
        }

        static void Require(bool holds, string option, object value, string expected)
        {
            if (!holds)
            {
                throw new ArgumentException($"{option} is {value}; expected {expected}.", nameof(options));
            }
        }
    }

    /// <inheritdoc/>
    public string Name => Device == ComputeDevice.Cuda ? "torchsharp:cuda" : "torchsharp:cpu";

    /// <summary>The device in use: <see cref="ComputeDevice.Cpu"/> or <see cref="ComputeDevice.Cuda"/>.</summary>
    public ComputeDevice Device => _device.Device.type == DeviceType.CUDA ? ComputeDevice.Cuda : ComputeDevice.Cpu;

    /// <inheritdoc/>
    public IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(outputs);
        return new TorchInferenceSession(network, weights, network.IndexesOf(outputs), _device);
    }

    /// <inheritdoc/>
    public ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(network);
        return new TorchTrainingSession(network, weights, options, _device);
    }

    [LoggerMessage(1, LogLevel.Information, "TorchSharp runs on {Device} (requested: {Requested}), convolutions in {Type}")]
    private static partial void LogDevice(ILogger logger, string device, ComputeDevice requested, torch.ScalarType type);

    [LoggerMessage(2, LogLevel.Warning, "This virtual machine hides the caches of its processor, without which oneDNN's fast kernels "
        + "compute wrong results; TorchSharp uses its slower ones for AVX")]
    private static partial void LogLimit(ILogger logger);
}
