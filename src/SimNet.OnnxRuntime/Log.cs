using Microsoft.Extensions.Logging;

namespace SimNet.OnnxRuntime;

/// <summary>The log messages of the back end.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Using ONNX Runtime {Version} on CUDA GPU {Gpu}")]
    public static partial void RunsOnGpu(ILogger logger, string version, int gpu);

    [LoggerMessage(2, LogLevel.Information, "Using ONNX Runtime {Version} on the CPU: {Reason}")]
    public static partial void RunsOnCpu(ILogger logger, string version, string reason);
}
