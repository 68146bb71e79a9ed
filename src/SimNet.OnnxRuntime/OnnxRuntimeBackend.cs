using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>
/// Runs networks on ONNX Runtime: on a CUDA GPU where there is one, else on the CPU. For inference only. Give it to
/// <c>ImageEmbedderOptions.Backend</c>, and the same embedder and engine run on it. Thread-safe, as are its sessions: one serves all threads.
/// </summary>
/// <remarks>
/// This package brings ONNX Runtime's managed half; the app adds the native one: <c>Microsoft.ML.OnnxRuntime</c> for the CPU,
/// <c>SimNet.OnnxRuntime.Gpu</c> for CUDA. Vectors differ from the managed back end's by rounding (relative 1e-5 or so of the largest value),
/// so an index made with one serves queries of the other.
/// </remarks>
public sealed class OnnxRuntimeBackend : IInferenceBackend
{
    private const string CudaProvider = "CUDAExecutionProvider";

    private readonly OnnxRuntimeBackendOptions _options;

    /// <summary>A backend with these options; looks for the native library and the GPU at once.</summary>
    /// <param name="options">Device, threads, batches; the defaults when null.</param>
    /// <param name="logger">Told of the device that was chosen, and why; nobody when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NativeLibraryException">ONNX Runtime's native library is missing, or CUDA was asked for and cannot be used; the message says what to install.</exception>
    public OnnxRuntimeBackend(OnnxRuntimeBackendOptions? options = null, ILogger<OnnxRuntimeBackend>? logger = null)
    {
        _options = options ?? new OnnxRuntimeBackendOptions();
        Require(Enum.IsDefined(_options.Device), nameof(_options.Device), _options.Device, "one of the named devices");
        Require(_options.GpuNumber >= 0, nameof(_options.GpuNumber), _options.GpuNumber, "0 or more");
        Require(_options.MaxThreads >= 0, nameof(_options.MaxThreads), _options.MaxThreads, "0 (all cores) or more");
        Require(_options.MaxBatchSize >= 1, nameof(_options.MaxBatchSize), _options.MaxBatchSize, "1 or more");
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

    /// <summary>What it computes on: <see cref="ComputeDevice.Cpu"/> or <see cref="ComputeDevice.Cuda"/>.</summary>
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
    /// Runs an ONNX file as it is, whatever its operators: for networks that <see cref="OnnxFile"/> does not know.
    /// </summary>
    /// <param name="path">The file. It takes one float32 input, batch x channels x height x width, all but the batch fixed.</param>
    /// <param name="outputs">Names of the outputs wanted, in this order; all of the file's when null.</param>
    /// <exception cref="ModelFormatException">The file is no ONNX model that ONNX Runtime can load, or its inputs and outputs are others.</exception>
    /// <exception cref="ArgumentException">The file has no output of that name.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IInferenceSession OpenInferenceSession(string path, IReadOnlyList<string>? outputs = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        }

        return Open(sessionOptions => new InferenceSession(path, sessionOptions), outputs, path);
    }

    private OnnxRuntimeInferenceSession Open(Func<SessionOptions, InferenceSession> create, IReadOnlyList<string>? outputs, string? file)
    {
        OnnxRuntimeInferenceSession? session = null;
        try
        {
            using SessionOptions options = CreateSessionOptions(Device);
            session = new OnnxRuntimeInferenceSession(create(options), outputs, _options.MaxBatchSize, file);
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
            // The library must be there all the same.
            CreateSessionOptions(ComputeDevice.Cpu).Dispose();
            Log.RunsOnCpu(logger, OrtEnv.Instance().GetVersionString(), "as asked for");
            return ComputeDevice.Cpu;
        }

        string problem;
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider))
        {
            problem = "this build of ONNX Runtime's native library has no CUDA; the package SimNet.OnnxRuntime.Gpu brings one that has";
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
                problem = $"CUDA cannot be used (its driver, the CUDA libraries or cuDNN are missing, or there is no GPU {_options.GpuNumber}): {exception.Message}";
            }
        }

        if (_options.Device == ComputeDevice.Cuda)
        {
            throw new NativeLibraryException($"ONNX Runtime was to run on CUDA, but {problem}.");
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
            // It joins zeros laid around a map to a pooling after it whose windows are not larger than they are, and then refuses its own work (1.29).
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
