using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SimNet.Core.Tests;

public sealed partial class PublishTests
{
    [Fact]
    public async Task A_small_program_runs_ahead_of_time_compiled_or_trimmed()
    {
        using var folder = new TemporaryFolder();
        string project = Path.Combine(Repository.Root, "tests", "SimNet.PublishedApp", "SimNet.PublishedApp.csproj");

        // All its outputs aside: the solution's own build must stay as it is.
        string[] common = ["publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", folder.File("app"), "--artifacts-path", folder.File("artifacts"), "--nologo", "-v:q"];
        (int code, string output) = await ProgramRunner.RunAsync("dotnet", [.. common, "-p:PublishAot=true"]);
        if (code != 0 && CannotCompileAheadOfTime().IsMatch(output))
        {
            // The ahead-of-time compiler, its runtime or the platform's linker cannot be had here.
            (code, output) = await ProgramRunner.RunAsync("dotnet", [.. common, "-p:PublishTrimmed=true", "--self-contained"]);
        }

        Assert.True(code == 0, output);
        (code, output) = await ProgramRunner.RunAsync(folder.File("app", "SimNet.PublishedApp"), [folder.File("work")]);

        Assert.True(code == 0, output);
        Assert.Equal("p7 squares 0.000, 23 others, precision 1.00, loss finite: True, ONNX same: True, ready-made 512", output.Trim());
    }

    /// <summary>What the SDK says where the compiler's packages cannot be restored, or the platform's linker or strip is not installed.</summary>
    [GeneratedRegex("NU1100|NU1101|NU1102|NU1103|NU1301|NETSDK1204|Platform linker.*not found|Symbol stripping tool.*not found")]
    private static partial Regex CannotCompileAheadOfTime();
}
