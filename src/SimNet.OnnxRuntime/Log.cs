using Microsoft.Extensions.Logging;

namespace SimNet.OnnxRuntime;

/// <summary>Everything the backend logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "ONNX Runtime {Version} runs on CUDA, GPU {Gpu}")]
    public static partial void RunsOnGpu(ILogger logger, string version, int gpu);

    [LoggerMessage(2, LogLevel.Information, "ONNX Runtime {Version} runs on the CPU: {Reason}")]
    public static partial void RunsOnCpu(ILogger logger, string version, string reason);
}
