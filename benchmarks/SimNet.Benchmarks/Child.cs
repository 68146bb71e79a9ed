using System.Diagnostics;
using System.Text.Json;

namespace SimNet.Benchmarks;

/// <summary>What a measuring process reported.</summary>
/// <param name="MillisecondsPerPicture">Its <c>ms_per_image</c>.</param>
/// <param name="PeakMegabytes">The most memory it had resident.</param>
internal sealed record ChildResult(double MillisecondsPerPicture, long PeakMegabytes);

/// <summary>Processes that measure something and print a JSON line.</summary>
internal static class Child
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs a measurement, on the first core where it is to use one thread, and on the first two otherwise.</summary>
    public static ChildResult Run(int threads, string program, string[] arguments, string? folder = null)
    {
        (string output, long peak) = OperatingSystem.IsLinux()
            ? Start("taskset", ["-c", threads == 1 ? "0" : $"0-{threads - 1}", program, .. arguments], folder)
            : Start(program, arguments, folder);
        string line = output.Split('\n').Last(line => line.StartsWith('{'));
        using JsonDocument json = JsonDocument.Parse(line);
        return new ChildResult(json.RootElement.GetProperty("ms_per_image").GetDouble(), peak / 1_000_000);
    }

    /// <summary>Runs a program to its end.</summary>
    public static void Run(string program, string[] arguments) => Start(program, arguments, folder: null);

    private static (string Output, long PeakBytes) Start(string program, string[] arguments, string? folder)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(Poll))
        {
            process.Refresh();
            peak = Math.Max(peak, process.PeakWorkingSet64);
        }

        return process.ExitCode == 0
            ? (output.GetAwaiter().GetResult(), peak)
            : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with code {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
    }
}
