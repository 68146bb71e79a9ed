using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>
/// Runs networks for inference on ONNX Runtime, by default on a CUDA GPU if there is one and otherwise on the CPU. To embed images with it,
/// set <c>ImageEmbedderOptions.Backend</c>. The back end and its sessions are thread-safe.
/// </summary>
/// <remarks>
/// This package depends on ONNX Runtime's managed library; the application adds the native one: <c>Microsoft.ML.OnnxRuntime</c> for the CPU
/// or <c>SimNet.OnnxRuntime.Gpu</c> for CUDA. Results differ from those of the managed back end only by rounding (about 1e-5 of the largest
/// value), so both can be used with the same index.
/// </remarks>
public sealed class OnnxRuntimeBackend : IInferenceBackend
{
    private const string CudaProvider = "CUDAExecutionProvider";

    private readonly OnnxRuntimeBackendOptions _options;

    /// <summary>Initializes the back end: loads the native library and chooses the device.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="logger">Logs the chosen device and the reason; null for no logging.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="NativeLibraryException">
    /// The native library is missing, or CUDA is required but cannot be used; the message says what to install.
    /// </exception>
    public OnnxRuntimeBackend(OnnxRuntimeBackendOptions? options = null, ILogger<OnnxRuntimeBackend>? logger = null)
    {
        _options = options ?? new OnnxRuntimeBackendOptions();
        Require(Enum.IsDefined(_options.Device), nameof(_options.Device), _options.Device, "a defined value");
        Require(_options.GpuNumber >= 0, nameof(_options.GpuNumber), _options.GpuNumber, "at least 0");
        Require(_options.MaxThreads >= 0, nameof(_options.MaxThreads), _options.MaxThreads, "at least 0");
        Require(_options.MaxBatchSize >= 1, nameof(_options.MaxBatchSize), _options.MaxBatchSize, "at least 1");
        Device = NativeLibrary.Guard(() => ChooseDevice(logger ?? NullLogger<OnnxRuntimeBackend>.Instance));

        static void Require(bool holds, string option, object value, string expected)
        {
            if (!holds)
            {
                throw new ArgumentException($"{option} is {value}; expected {expected}.", nameof(options));
            }
        }
    }

    /// <inheritdoc/>
    public string Name => Device == ComputeDevice.Cuda ? "onnxruntime:cuda" : "onnxruntime:cpu";

    /// <summary>The device in use: <see cref="ComputeDevice.Cpu"/> or <see cref="ComputeDevice.Cuda"/>.</summary>
    public ComputeDevice Device { get; }

    /// <inheritdoc/>
    public IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        using var file = new MemoryStream();
        OnnxFile.Write(file, network, weights, [.. outputs.Distinct(StringComparer.Ordinal)]);
        return Open(sessionOptions => new InferenceSession(file.ToArray(), sessionOptions), outputs, file: null);
    }

    /// <summary>
    /// Opens an ONNX file for inference without importing it, for networks with operators that <see cref="OnnxFile"/> does not support.
    /// </summary>
    /// <param name="path">
    /// The path of the file. The model has one input, batch x channels x height x width or, for one image at a time, channels x height x
    /// width. Its type is float32, float16, float64, or uint8, to which the values of a call are converted; those of uint8 are rounded and
    /// clamped to 0 to 255. A file of float64 with operators that the runtime has not in double precision runs in single precision.
    /// </param>
    /// <param name="outputs">Names of the outputs to compute, in order; null for all. They are float32, float16, or float64.</param>
    /// <param name="inputShape">
    /// The shape of one input sample, for a model with free channels, height, or width; null, the default, if the model fixes them. Must
    /// match the dimensions that are fixed.
    /// </param>
    /// <returns>The session. Dispose it to release its memory.</returns>
    /// <exception cref="ModelFormatException">
    /// ONNX Runtime cannot load or run the file, or its inputs or outputs are not supported; the message names them.
    /// </exception>
    /// <exception cref="ArgumentException">The model has no output with a given name.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IInferenceSession OpenInferenceSession(string path, IReadOnlyList<string>? outputs = null, Shape? inputShape = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The file '{path}' does not exist.", path);
        }

        try
        {
            return Open(sessionOptions => new InferenceSession(path, sessionOptions), outputs, path, inputShape);
        }
        catch (ModelFormatException exception) when (exception.InnerException is OnnxRuntimeException)
        {
            // The runtime has no convolution of double precision.
            if (Narrowed() is not { } narrow)
            {
                throw;
            }

            return Open(sessionOptions => new InferenceSession(narrow, sessionOptions), outputs, path, inputShape);
        }

        byte[]? Narrowed()
        {
            try
            {
                return OnnxFile.ConvertToSinglePrecision(path);
            }
            catch (ModelFormatException)
            {
                // The problem of the runtime is the one to report.
                return null;
            }
        }
    }

    private OnnxRuntimeInferenceSession Open(
        Func<SessionOptions, InferenceSession> create, IReadOnlyList<string>? outputs, string? file, Shape? inputShape = null)
    {
        OnnxRuntimeInferenceSession? session = null;
        try
        {
            using SessionOptions options = CreateSessionOptions(Device);
            session = new OnnxRuntimeInferenceSession(create(options), outputs, _options.MaxBatchSize, file, inputShape);
            if (_options.WarmUp)
            {
                session.WarmUp();
            }

            return session;
        }
        catch (OnnxRuntimeException exception) when (file is not null)
        {
            session?.Dispose();
            throw new ModelFormatException($"ONNX Runtime cannot run it: {exception.Message}", file, innerException: exception);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private ComputeDevice ChooseDevice(ILogger logger)
    {
        if (_options.Device == ComputeDevice.Cpu)
        {
            // Checks that the native library can be loaded.
            CreateSessionOptions(ComputeDevice.Cpu).Dispose();
            Log.RunsOnCpu(logger, OrtEnv.Instance().GetVersionString(), "set by the options");
            return ComputeDevice.Cpu;
        }

        string problem;
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider))
        {
            problem = "this build of the native library does not support CUDA; use the package SimNet.OnnxRuntime.Gpu";
        }
        else
        {
            try
            {
                CreateSessionOptions(ComputeDevice.Cuda).Dispose();
                Log.RunsOnGpu(logger, OrtEnv.Instance().GetVersionString(), _options.GpuNumber);
                return ComputeDevice.Cuda;
            }
            catch (OnnxRuntimeException exception)
            {
                problem = "CUDA cannot be used (the driver, the CUDA libraries, or cuDNN are missing, "
                    + $"or there is no GPU {_options.GpuNumber}): {exception.Message}";
            }
        }

        if (_options.Device == ComputeDevice.Cuda)
        {
            throw new NativeLibraryException($"ONNX Runtime cannot run on CUDA: {problem}");
        }

        Log.RunsOnCpu(logger, OrtEnv.Instance().GetVersionString(), problem);
        return ComputeDevice.Cpu;
    }

    private SessionOptions CreateSessionOptions(ComputeDevice device)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            IntraOpNumThreads = _options.MaxThreads == 0 ? Environment.ProcessorCount : _options.MaxThreads,
        };
        try
        {
            // This optimization merges Pad into a following pooling even if the padding exceeds its windows, and then fails (1.29).
            options.AddSessionConfigEntry("optimization.disable_specified_optimizers", "Pad_Fusion");
            if (device == ComputeDevice.Cuda)
            {
                options.AppendExecutionProvider_CUDA(_options.GpuNumber);
            }

            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
