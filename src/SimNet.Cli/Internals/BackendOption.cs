using System.CommandLine;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>The option <c>--backend</c>: what computes. Which back ends there are besides the managed one, the build says.</summary>
internal sealed class BackendOption
{
    private const string Managed = "managed", TorchSharp = "torchsharp", OnnxRuntime = "onnxruntime";

    private readonly Option<string> _backend = new("--backend") { DefaultValueFactory = _ => Managed, HelpName = "BACKEND" };

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="trains">Whether it needs a back end that trains.</param>
    public BackendOption(Command command, bool trains)
    {
        _backend.Description = (trains ? "What trains: managed or torchsharp" : "What computes the vectors: managed, onnxruntime or torchsharp")
            + ", these with :cuda or :cpu for that device or nothing, where the build of this tool has them.";
        command.Options.Add(_backend);
    }

    /// <summary>The back end that was asked for; null for the managed one.</summary>
    /// <exception cref="ArgumentException">There is none of that name, or not in this build.</exception>
    /// <exception cref="NativeLibraryException">Its native library, or the device asked for, is missing.</exception>
    public IComputeBackend? Create(ParseResult result)
    {
        string argument = result.GetRequiredValue(_backend);
        string[] parts = argument.Split(':', 2);
        ComputeDevice device = parts is [_, var name]
            ? name switch
            {
                "cuda" => ComputeDevice.Cuda,
                "cpu" => ComputeDevice.Cpu,
                _ => throw new ArgumentException($"'{argument}' names no device; expected cuda or cpu."),
            }
            : ComputeDevice.Auto;
        return parts[0] switch
        {
            Managed when device == ComputeDevice.Auto => null,
            Managed => throw new ArgumentException($"'{argument}': the managed back end computes on the CPU and takes no device."),
            TorchSharp => CreateTorchSharp(device),
            OnnxRuntime => CreateOnnxRuntime(device),
            _ => throw new ArgumentException($"There is no back end '{argument}'; expected {Managed}, {TorchSharp} or {OnnxRuntime}."),
        };
    }

#if TORCHSHARP
    private static SimNet.TorchSharp.TorchSharpBackend CreateTorchSharp(ComputeDevice device) => new(new SimNet.TorchSharp.TorchSharpBackendOptions { Device = device });
#else
    private static IComputeBackend CreateTorchSharp(ComputeDevice device) => throw Missing(TorchSharp, "TorchSharp", device);
#endif

#if ONNXRUNTIME
    private static SimNet.OnnxRuntime.OnnxRuntimeBackend CreateOnnxRuntime(ComputeDevice device) => new(new SimNet.OnnxRuntime.OnnxRuntimeBackendOptions { Device = device });
#else
    private static IComputeBackend CreateOnnxRuntime(ComputeDevice device) => throw Missing(OnnxRuntime, "OnnxRuntime", device);
#endif

#if !TORCHSHARP || !ONNXRUNTIME
    private static ArgumentException Missing(string name, string property, ComputeDevice device)
        => new($"This build of simnet has no back end '{name}'; build src/SimNet.Cli with -p:With{property}={(device == ComputeDevice.Cpu ? "cpu" : "cpu (or cuda)")} to have it.");
#endif
}
