using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Models;
using TorchSharp;

namespace SimNet.TorchSharp;

/// <summary>
/// Trains and infers with TorchSharp, on an NVIDIA device or the processor. It knows every layer, loss and optimizer of
/// <c>SimNet.Models</c>, with the managed back end's meaning and names: a run may begin on one and go on on the other, and its weights
/// export alike. One device; training on several at once is not supported.
/// </summary>
/// <remarks>
/// The application adds the native library, one of the packages <c>TorchSharp-cpu</c>, <c>TorchSharp-cuda-linux</c> and
/// <c>TorchSharp-cuda-windows</c>, in the version of <c>TorchSharp</c>. Results are those of the managed back end up to rounding; on CUDA
/// not even two equal runs give the same bits. A step given up stops between two layers on the way forward, or before it changes anything.
/// </remarks>
public sealed partial class TorchSharpBackend : IComputeBackend
{
    private readonly ComputeDevice _device;

    /// <summary>A back end on the device that the options name.</summary>
    /// <param name="options">Device and precision; CUDA where it is there, in float32, by default.</param>
    /// <param name="logger">Hears which device it is; null, the default, for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The native library, or the CUDA device asked for, is not there; the message says what to add.</exception>
    public TorchSharpBackend(TorchSharpBackendOptions? options = null, ILogger<TorchSharpBackend>? logger = null)
        : this(options ?? new TorchSharpBackendOptions(), new NativeLibraryProbe(), logger ?? NullLogger<TorchSharpBackend>.Instance)
    {
    }

    internal TorchSharpBackend(TorchSharpBackendOptions options, NativeLibraryProbe probe, ILogger logger)
    {
        if (!Enum.IsDefined(options.Device))
        {
            throw new ArgumentException($"{nameof(options.Device)} is {options.Device}; expected one of the named devices.", nameof(options));
        }

        if (options.CudaDevice < 0)
        {
            throw new ArgumentException($"{nameof(options.CudaDevice)} is {options.CudaDevice}; expected 0 or more.", nameof(options));
        }

        if (options.Threads < 0)
        {
            throw new ArgumentException($"{nameof(options.Threads)} is {options.Threads}; expected 0 (as it is) or more.", nameof(options));
        }

        _device = ComputeDevice.Open(options, probe);
        Name = $"torchsharp:{_device.Name}";
        LogDevice(logger, _device.Name, options.Device, options.MixedPrecision ? _device.ConvolutionType.ToString() : "Float32");
        if (options.Threads > 0)
        {
            torch.set_num_threads(options.Threads);
        }
    }

    /// <summary><c>torchsharp:</c> and the device: <c>cpu</c>, or <c>cuda:0</c>.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count == 0)
        {
            throw new ArgumentException("No outputs; expected at least one name of a layer.", nameof(outputs));
        }

        int[] wanted = [.. outputs.Select(network.IndexOf)];
        return wanted.Contains(-1)
            ? throw new ArgumentException($"'{Network.InputName}' is the network's input; expected names of layers.", nameof(outputs))
            : new TorchInferenceSession(network, weights, wanted, _device);
    }

    /// <inheritdoc/>
    public ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        TrainingSessionCheck.Require(options, network.OutputShape);
        return new TorchTrainingSession(network, weights, options, _device);
    }

    [LoggerMessage(1, LogLevel.Information, "TorchSharp computes on {Device} (asked for: {Asked}), convolutions in {Precision}")]
    private static partial void LogDevice(ILogger logger, string device, TorchSharpDevice asked, string precision);
}
