using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>The program's command line.</summary>
internal static class BenchmarkCommands
{
    /// <summary>Exit code for arguments, data or a setup that do not fit.</summary>
    private const int Failure = 1;

    /// <summary>All commands, the hidden ones that measure in a process of their own included.</summary>
    public static RootCommand Create() => new("Measures SimNet beside the libraries that users would choose instead, in JSON lines.")
    {
        ComputeCommand.Create(),
        ComputeCommand.CreateWorker(),
        ImagesCommand.Create(),
        JpegCommand.Create(),
        EmbeddingsCommand.Create(),
        FrontierCommand.Create(),
        HardSetsCommand.Create(),
        ScalingCommand.Create(),
        Table3Command.Create(),
        SearchBench.CreateWorker(),
        BatchCommand.Create(),
        OpenCommand.Create(),
        OpenCommand.CreateWorker(),
        CreateMicro(),
    };

    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or ChildProcessException or NativeLibraryException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Failure;
        }
    }

    private static Command CreateMicro()
    {
        var arguments = new Argument<string[]>("arguments")
        {
            Description = "Arguments of BenchmarkDotNet, such as --list flat, --filter *Gemm* or --job short.",
            Arity = ArgumentArity.ZeroOrMore,
            CaptureRemainingTokens = true,
        };
        var command = new Command("micro", "Run the BenchmarkDotNet benchmarks of kernels, searches, networks and JPEG.") { arguments };
        command.SetAction(result =>
        {
            // BenchmarkDotNet builds the library anew. Without analyzers, and with more time than its two minutes, slow machines manage.
            Environment.SetEnvironmentVariable("RunAnalyzers", "false");
            ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));
            BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommands).Assembly).Run(result.GetRequiredValue(arguments), config);
        });
        return command;
    }
}
