using System.CommandLine;
using SimNet.Models;
using SimNet.OnnxRuntime;
using SimNet.TorchSharp;

namespace SimNet.Cli;

/// <summary>The option <c>--backend</c>: the back end that runs or trains the network.</summary>
internal sealed class BackendOption
{
    private const string ManagedName = "managed", TorchSharpName = "torchsharp", OnnxRuntimeName = "onnxruntime";

    private readonly bool _trains;
    private readonly Option<string> _backend = new("--backend") { DefaultValueFactory = _ => ManagedName, HelpName = "BACKEND" };

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="trains">Whether the command trains, which not every back end can.</param>
    public BackendOption(Command command, bool trains)
    {
        _trains = trains;
        _backend.Description =
            (trains ? "The back end that trains the network: managed or torchsharp."
                : "The back end that runs the network: managed, onnxruntime or torchsharp.")
            + " Append :cuda or :cpu to require that device.";
        command.Options.Add(_backend);
    }

    /// <summary>Creates the selected back end.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <returns>The back end; <see langword="null"/> for the managed one.</returns>
    /// <exception cref="ArgumentException">The name is unknown, or the back end does not support what the command needs.</exception>
    /// <exception cref="NativeLibraryException">The native library of the back end, or the required device, is missing.</exception>
    public IInferenceBackend? Create(ParseResult result)
    {
        string argument = result.GetRequiredValue(_backend);
        string[] parts = argument.Split(':', 2);
        ComputeDevice device = parts is [_, var name]
            ? name switch
            {
                "cuda" => ComputeDevice.Cuda,
                "cpu" => ComputeDevice.Cpu,
                _ => throw new ArgumentException($"The back end '{argument}' has an unknown device; expected cuda or cpu."),
            }
            : ComputeDevice.Auto;
        return parts[0] switch
        {
            ManagedName when device == ComputeDevice.Auto => null,
            ManagedName => throw new ArgumentException(
                $"The back end '{argument}' has a device; expected '{ManagedName}', which always runs on the CPU."),
            TorchSharpName => CreateTorchSharp(device),
            OnnxRuntimeName when _trains => throw new ArgumentException(
                $"The back end '{argument}' cannot train; expected {ManagedName} or {TorchSharpName}."),
            OnnxRuntimeName => new OnnxRuntimeBackend(new OnnxRuntimeBackendOptions { Device = device }),
            _ => throw new ArgumentException(
                $"The back end '{argument}' is unknown; expected {ManagedName}, {TorchSharpName} or {OnnxRuntimeName}."),
        };
    }

    /// <summary>Creates the selected back end for a command that trains.</summary>
    /// <inheritdoc cref="Create"/>
    public ITrainingBackend? CreateForTraining(ParseResult result) => (ITrainingBackend?)Create(result);

    /// <summary>
    /// Creates the TorchSharp back end. When its native library does not load, TorchSharp writes a trace to the standard output, which is
    /// reserved for the result of the command.
    /// </summary>
    private static TorchSharpBackend CreateTorchSharp(ComputeDevice device)
    {
        TextWriter output = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            return new TorchSharpBackend(new TorchSharpBackendOptions { Device = device });
        }
        finally
        {
            Console.SetOut(output);
        }
    }
}
