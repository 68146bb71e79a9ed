using System.Diagnostics;

namespace SimNet.Cli.Tests;

/// <summary>Runs the tool in a process of its own.</summary>
internal static class Simnet
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    /// <summary>Starts the tool and kills it as soon as a file exists, unless it exits first.</summary>
    public static async Task KillAtAsync(string file, params string[] arguments)
    {
        using Process process = Start(arguments);
        try
        {
            // Without a time limit, because a busy machine may be slow.
            while (!File.Exists(file) && !process.HasExited)
            {
                await Task.Delay(5);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "simnet.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
