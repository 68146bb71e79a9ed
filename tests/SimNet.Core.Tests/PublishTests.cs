using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SimNet.Core.Tests;

public sealed class PublishTests
{
    [Fact]
    public async Task A_small_program_runs_ahead_of_time_compiled_or_trimmed()
    {
        using var folder = new TemporaryFolder();
        string project = Path.Combine(Repository.Root, "tests", "SimNet.PublishedApp", "SimNet.PublishedApp.csproj");

        // All its outputs aside: the solution's own build must stay as it is.
        string[] common = ["publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", folder.File("app"), "--artifacts-path", folder.File("artifacts"), "--nologo", "-v:q"];
        (int code, string output) = await RunAsync("dotnet", [.. common, "-p:PublishAot=true"]);
        if (code != 0 && (output.Contains("NU1101", StringComparison.Ordinal) || output.Contains("NETSDK1204", StringComparison.Ordinal) || output.Contains("Platform linker not found", StringComparison.Ordinal)))
        {
            // The ahead-of-time compiler, its runtime or the platform's linker cannot be had here.
            (code, output) = await RunAsync("dotnet", [.. common, "-p:PublishTrimmed=true", "--self-contained"]);
        }

        Assert.True(code == 0, output);
        (code, output) = await RunAsync(folder.File("app", "SimNet.PublishedApp"), [folder.File("work")]);

        Assert.True(code == 0, output);
        Assert.Equal("p7 squares 0.000, 23 others, precision 1.00, loss finite: True", output.Trim());
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
