using System.Globalization;
using System.Text.Json;

namespace SimNet.Benchmarks;

/// <summary>What a process measured of one workload.</summary>
/// <param name="Program">What computed.</param>
/// <param name="MillisecondsPerImage">The median time for one image.</param>
/// <param name="PeakMegabytes">The most memory that the process had resident, in megabytes of a million bytes.</param>
internal sealed record ComputeMeasurement(string Program, double MillisecondsPerImage, long PeakMegabytes)
{
    /// <summary>The hidden command that measures one workload.</summary>
    public const string WorkerCommand = "compute-worker";

    /// <summary>Measures a workload with this program, in a process of its own.</summary>
    public static ComputeMeasurement RunWorker(ComputeWorkload workload, int threads, int warmUpSeconds, string backend)
    {
        string[] arguments = [WorkerCommand, workload.Name, Text(workload.Batch), Text(threads), Text(warmUpSeconds), backend];
        return FromLines(onLine => ChildProcess.RunSelfPinned(
            threads, workload.ModelFile is { } file ? [.. arguments, file] : arguments, onLine));

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the line that a worker, or a peer's script, prints.</summary>
    /// <param name="run">Runs it, passes on its lines and returns its peak memory in bytes.</param>
    public static ComputeMeasurement FromLines(Func<Action<string>, long> run)
    {
        string line = "{}";
        long peak = run(read => line = read);
        using JsonDocument json = JsonDocument.Parse(line);
        return new ComputeMeasurement(
            json.RootElement.GetProperty("program").GetString()!,
            json.RootElement.GetProperty("ms_per_image").GetDouble(),
            peak / 1_000_000);
    }
}
