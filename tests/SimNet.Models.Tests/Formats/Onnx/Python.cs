using System.Diagnostics;

namespace SimNet.Models.Tests;

/// <summary>Debian's Python with the packages that tests compare with; a test that needs one that is not there is skipped.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>The code by which a script says that a module is not there.</summary>
    private const int Missing = 77;

    /// <summary>Runs a script and gives what it printed.</summary>
    /// <param name="modules">What it imports besides the standard library.</param>
    /// <param name="script">The script.</param>
    /// <param name="arguments">Its arguments.</param>
    public static string Run(string modules, string script, params string[] arguments)
    {
        Skip.IfNot(File.Exists(Interpreter), $"{Interpreter} does not exist.");
        (int code, string output, string error) = Start($"try:\n    import {modules}\nexcept ImportError:\n    exit({Missing})\n{script}", arguments);
        Skip.If(code == Missing, $"{Interpreter} has not all of {modules}.");
        Assert.True(code == 0, $"{output}\n{error}");
        return output;
    }

    private static (int Code, string Output, string Error) Start(string script, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Interpreter, ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
