namespace SimNet.Benchmarks;

/// <summary>The folder that <c>benchmarks/peers/setup.sh</c> fills: programs and scripts that measure the peers.</summary>
internal sealed class PeerFolder(string path)
{
    /// <summary>The environment variable that names the folder, here and in <c>setup.sh</c>.</summary>
    public const string Variable = "SIMNET_PEERS";

    private const string Python = "/usr/bin/python3";

    /// <summary>The folder that <see cref="Variable"/> names, otherwise <c>~/.cache/simnet-peers</c>.</summary>
    public static string DefaultPath => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "simnet-peers");

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; } = Path.GetFullPath(path);

    /// <summary>The program that measures the indexes of a library; null if it is not set up.</summary>
    public string? IndexProgram(string library)
    {
        string file = Path.Combine(FullPath, "index_peer-" + library);
        return File.Exists(file) ? file : null;
    }

    /// <summary>A script with the interpreter in front, ready to run.</summary>
    /// <exception cref="ArgumentException">The folder does not have it.</exception>
    public (string Program, string Script) PythonScript(string name)
    {
        string file = Path.Combine(FullPath, name);
        return File.Exists(file) ? (Python, file) : throw new ArgumentException($"{file} is missing; run benchmarks/peers/setup.sh.");
    }
}
