using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Models;
using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>
/// Trains and infers with TorchSharp: on a CUDA GPU where there is one, else on the CPU. It knows every layer, loss and optimizer, in the
/// meaning and under the names of the managed back end: a run may begin on the one and end on the other. Thread-safe, as are its
/// sessions for inference. One GPU; training on several at once is out of its scope.
/// </summary>
/// <remarks>
/// This package brings TorchSharp's managed half; the app adds the native one, <c>TorchSharp-cpu</c>, <c>TorchSharp-cuda-linux</c> or
/// <c>TorchSharp-cuda-windows</c>. Results are the managed back end's up to rounding; on a GPU two equal runs may differ in their last
/// bits. A step given up stops between two layers on the way forward, or after the way back and before anything is changed.
/// </remarks>
public sealed partial class TorchSharpBackend : ITrainingBackend
{
    private readonly TorchDevice _device;

    /// <summary>A backend with these options; looks for the native library and the GPU at once.</summary>
    /// <param name="options">Device, precision and threads; the defaults when null.</param>
    /// <param name="logger">Told of the device that was chosen; nobody when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NativeLibraryException">TorchSharp's native library is missing, or CUDA was asked for and cannot be used; the message says what to install.</exception>
    public TorchSharpBackend(TorchSharpBackendOptions? options = null, ILogger<TorchSharpBackend>? logger = null)
        : this(options ?? new TorchSharpBackendOptions(), new NativeLibrary(), logger ?? NullLogger<TorchSharpBackend>.Instance)
    {
    }

    internal TorchSharpBackend(TorchSharpBackendOptions options, NativeLibrary library, ILogger logger)
    {
        Require(Enum.IsDefined(options.Device), nameof(options.Device), options.Device, "one of the named devices");
        Require(options.GpuNumber >= 0, nameof(options.GpuNumber), options.GpuNumber, "0 or more");
        Require(options.MaxThreads >= 0, nameof(options.MaxThreads), options.MaxThreads, "0 (as it is) or more");
        _device = TorchDevice.Open(options, library);
        LogDevice(logger, _device.Name, options.Device, _device.ConvolutionType);
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

    /// <summary>What it computes on: <see cref="ComputeDevice.Cpu"/> or <see cref="ComputeDevice.Cuda"/>.</summary>
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

    [LoggerMessage(1, LogLevel.Information, "TorchSharp runs on {Device} (asked for: {Asked}), convolutions in {Type}")]
    private static partial void LogDevice(ILogger logger, string device, ComputeDevice asked, torch.ScalarType type);
}
