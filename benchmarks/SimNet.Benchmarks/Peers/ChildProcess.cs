using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace SimNet.Benchmarks;

/// <summary>Runs measurements in processes of their own, so that memory, threads and compiled code of one do not affect another.</summary>
internal static class ChildProcess
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs a program to its end, pinned to as many cores as it has threads.</summary>
    /// <param name="threads">How many threads it has.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="onLine">Receives every JSON line of its output as it comes.</param>
    /// <returns>Its peak memory in bytes.</returns>
    /// <exception cref="ChildProcessException">It does not start, or ends with an error.</exception>
    public static long RunPinned(int threads, string program, IEnumerable<string> arguments, Action<string> onLine)
    {
        if (OperatingSystem.IsLinux())
        {
            (program, arguments) = ("taskset", ["-c", FirstCores(threads), program, .. arguments]);
        }

        return Start(program, arguments, line =>
        {
            if (line.StartsWith('{'))
            {
                onLine(line);
            }
        });
    }

    /// <summary>Runs this program in a new process, as <see cref="RunPinned"/> does.</summary>
    public static long RunSelfPinned(int threads, IEnumerable<string> arguments, Action<string> onLine) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? RunPinned(threads, "dotnet", [typeof(ChildProcess).Assembly.Location, .. arguments], onLine)
            : RunPinned(threads, Environment.ProcessPath!, arguments, onLine);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>The lines that it printed.</returns>
    /// <exception cref="ChildProcessException">It does not start, or ends with an error.</exception>
    public static List<string> Run(string program, params IEnumerable<string> arguments)
    {
        var lines = new List<string>();
        Start(program, arguments, lines.Add);
        return lines;
    }

    /// <summary>The first of the cores that this process may use, which running it under <c>taskset</c> selects.</summary>
    [SupportedOSPlatform("linux")]
    private static string FirstCores(int count)
    {
        using Process self = Process.GetCurrentProcess();
        long allowed = self.ProcessorAffinity;
        return string.Join(',', Enumerable.Range(0, 64).Where(core => ((allowed >> core) & 1) != 0).Take(count));
    }

    private static long Start(string program, IEnumerable<string> arguments, Action<string> onLine)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new ChildProcessException($"'{program}' does not start: {exception.Message}", exception);
        }

        using (process)
        {
            Task output = ReadLinesAsync(process.StandardOutput, onLine);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            long peak = 0;
            while (!process.WaitForExit(PollInterval))
            {
                try
                {
                    process.Refresh();
                    peak = Math.Max(peak, process.PeakWorkingSet64);
                }
                catch (InvalidOperationException)
                {
                    // The process has ended in the meantime.
                }
            }

            output.GetAwaiter().GetResult();
            string error = errors.GetAwaiter().GetResult().Trim();
            return process.ExitCode == 0 ? peak : throw new ChildProcessException(
                $"'{program} {string.Join(' ', start.ArgumentList)}' ended with exit code {process.ExitCode}: {error}");
        }
    }

    private static async Task ReadLinesAsync(StreamReader output, Action<string> onLine)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }
}
