using System.Diagnostics;

namespace SimNet.Models.Tests;

/// <summary>Runs Debian's Python with the packages that tests compare with. A test is skipped if a package is missing.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>The exit code of a script that misses a module.</summary>
    private const int Missing = 77;

    /// <summary>Runs a script and returns its output.</summary>
    /// <param name="modules">The modules to import in addition to the standard library.</param>
    /// <param name="script">The script.</param>
    /// <param name="arguments">The arguments of the script.</param>
    public static string Run(string modules, string script, params string[] arguments)
    {
        Skip.IfNot(File.Exists(Interpreter), $"{Interpreter} does not exist.");
        (int code, string output, string error) = Start(
            $"try:\n    import {modules}\nexcept ImportError:\n    exit({Missing})\n{script}", arguments);
        Skip.If(code == Missing, $"{Interpreter} does not have all of {modules}.");
        Assert.True(code == 0, $"{output}\n{error}");
        return output;
    }

    private static (int Code, string Output, string Error) Start(string script, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Interpreter, ["-c", script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
