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

    /// <summary>What to pass to the running program for it to be this one: its assembly, where it is the dotnet command.</summary>
    public static string[] Self =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Child).Assembly.Location] : [];

    /// <summary>Runs a measurement, on the first cores, one a thread.</summary>
    public static ChildResult Run(int threads, string program, string[] arguments, string? folder = null)
    {
        (program, arguments) = Pinned(threads, program, arguments);
        (string output, long peak) = Start(program, arguments, folder);
        string line = output.Split('\n').Last(line => line.StartsWith('{'));
        using JsonDocument json = JsonDocument.Parse(line);
        return new ChildResult(json.RootElement.GetProperty("ms_per_image").GetDouble(), peak / 1_000_000);
    }

    /// <summary>Runs a program to its end, on the first cores, one a thread; what it prints is told line by line as it comes.</summary>
    public static void Run(int threads, string program, string[] arguments, Action<string> told)
    {
        (program, arguments) = Pinned(threads, program, arguments);
        Start(program, arguments, folder: null, told);
    }

    /// <summary>Runs a program to its end and gives what it printed.</summary>
    public static string Run(string program, string[] arguments) => Start(program, arguments, folder: null).Output;

    /// <summary>The first cores of those that this process may use: <c>taskset</c> before the whole run says which.</summary>
    private static (string Program, string[] Arguments) Pinned(int threads, string program, string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (program, arguments);
        }

        using Process self = Process.GetCurrentProcess();
        long allowed = self.ProcessorAffinity;
        int[] cores = [.. Enumerable.Range(0, 64).Where(core => ((allowed >> core) & 1) != 0)];
        return ("taskset", ["-c", string.Join(',', cores.Take(threads)), program, .. arguments]);
    }

    private static (string Output, long PeakBytes) Start(string program, string[] arguments, string? folder, Action<string>? told = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        Task<string> output = told is null ? process.StandardOutput.ReadToEndAsync() : TellAsync(process.StandardOutput, told);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(Poll))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // It ended in between.
            }
        }

        return process.ExitCode == 0
            ? (output.GetAwaiter().GetResult(), peak)
            : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with code {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
    }

    private static async Task<string> TellAsync(StreamReader lines, Action<string> told)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            told(line);
        }

        return "";
    }
}
