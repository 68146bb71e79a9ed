using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SimNet.Index.Tests;

/// <summary>
/// Annoy itself, compiled once for all tests. The environment variable SIMNET_ANNOY names the folder of its header, annoylib.h.
/// </summary>
public sealed class AnnoyPeer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _program;

    public AnnoyPeer()
    {
        string? header = Environment.GetEnvironmentVariable("SIMNET_ANNOY");
        if (string.IsNullOrEmpty(header))
        {
            Missing = "SIMNET_ANNOY names no folder with annoylib.h.";
        }
        else if (!File.Exists(Path.Combine(header, "annoylib.h")))
        {
            Missing = $"{Path.Combine(header, "annoylib.h")} does not exist.";
        }
        else if (!IsCompilerThere())
        {
            Missing = "g++ is not installed.";
        }
        else
        {
            _program = _folder.File("annoy_peer");
            string source = Path.Combine(AppContext.BaseDirectory, "Annoy", "annoy_peer.cpp");
            Run("g++", "-O2", "-std=c++14", "-w", "-I", header, source, "-o", _program);
            HasReleasedDot = !File.ReadAllText(Path.Combine(header, "annoylib.h")).Contains("bool built;", StringComparison.Ordinal);
        }
    }

    /// <summary>Why Annoy is not available, or null.</summary>
    public string? Missing { get; }

    /// <summary>Whether it lays out dot files like the released versions.</summary>
    public bool HasReleasedDot { get; }

    /// <summary>Builds trees with Annoy and saves them.</summary>
    public string Build(Metric metric, float[] vectors, int dimensions, int trees)
    {
        string index = _folder.File($"{metric}.ann");
        Run(_program!, "build", Name(metric), Text(dimensions), Text(trees), WriteNumbers("vectors", vectors), index);
        return index;
    }

    /// <summary>Searches a file with Annoy. Returns its numbers of items and trees, and the neighbors of each query.</summary>
    public (string Loaded, (int Item, double Distance)[][] Found) Query(
        Metric metric, string index, float[] queries, int dimensions, int count, int searchEffort)
    {
        string output = Run(
            _program!, "query", Name(metric), Text(dimensions), index, WriteNumbers("queries", queries), Text(count), Text(searchEffort));

        // A line without neighbors is empty; the text ends with a line feed.
        string[] lines = output.Split('\n');
        return (lines[0], [.. lines[1..^1].Select(AnnoyGolden.ParseNeighbors)]);
    }

    public void Dispose() => _folder.Dispose();

    private static string Name(Metric metric) => metric switch
    {
        Metric.Cosine => "angular",
        Metric.InnerProduct => "dot",
        _ => "euclidean",
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsCompilerThere()
    {
        try
        {
            Run("g++", "--version");
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}");
        return output;
    }

    private string WriteNumbers(string name, float[] numbers)
    {
        string path = _folder.File(name);
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
        return path;
    }
}
