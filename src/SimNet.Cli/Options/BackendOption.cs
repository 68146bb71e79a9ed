using System.CommandLine;
using SimNet.Models;
using SimNet.OnnxRuntime;
using SimNet.TorchSharp;

namespace SimNet.Cli;

/// <summary>The option <c>--backend</c>: what computes.</summary>
internal sealed class BackendOption
{
    private const string ManagedName = "managed", TorchSharpName = "torchsharp", OnnxRuntimeName = "onnxruntime";

    private readonly bool _trains;
    private readonly Option<string> _backend = new("--backend") { DefaultValueFactory = _ => ManagedName, HelpName = "BACKEND" };

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="trains">Whether the command needs a back end that trains.</param>
    public BackendOption(Command command, bool trains)
    {
        _trains = trains;
        _backend.Description = (trains ? "What trains: managed or torchsharp" : "What computes the vectors: managed, onnxruntime or torchsharp")
            + ". Append :cuda or :cpu to insist on that device.";
        command.Options.Add(_backend);
    }

    /// <summary>The chosen back end; null for the managed one.</summary>
    /// <exception cref="ArgumentException">No back end has that name, or it does not do what the command needs.</exception>
    /// <exception cref="NativeLibraryException">Its native library, or the chosen device, is missing.</exception>
    public IInferenceBackend? Create(ParseResult result)
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
            ManagedName when device == ComputeDevice.Auto => null,
            ManagedName => throw new ArgumentException($"'{argument}': the managed back end computes on the CPU and takes no device."),
            TorchSharpName => new TorchSharpBackend(new TorchSharpBackendOptions { Device = device }),
            OnnxRuntimeName when _trains => throw new ArgumentException(
                $"'{argument}': ONNX Runtime does not train; expected {ManagedName} or {TorchSharpName}."),
            OnnxRuntimeName => new OnnxRuntimeBackend(new OnnxRuntimeBackendOptions { Device = device }),
            _ => throw new ArgumentException(
                $"There is no back end '{argument}'; expected {ManagedName}, {TorchSharpName} or {OnnxRuntimeName}."),
        };
    }

    /// <summary>The chosen back end, for a command that trains; null for the managed one.</summary>
    /// <inheritdoc cref="Create"/>
    public ITrainingBackend? CreateForTraining(ParseResult result) => (ITrainingBackend?)Create(result);
}
