using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SimNet.Core.Tests;

public sealed partial class PublishTests
{
    private const string Result = "p7 squares 0.000, 23 others, precision 1.00, loss finite: True, ONNX same: True, ready-made 512";

    [SkippableFact]
    public async Task A_small_program_runs_compiled_ahead_of_time()
    {
        using var folder = new TemporaryFolder();

        string[] lines = await PublishAndRunAsync(folder);

        // What the package's targets ask for: AVX2, of which a processor without it is told when the program starts.
        Assert.Equal([$"{Math.Min(VectorSupport.Bits, 256)} bits", Result], lines);
    }

    [SkippableFact]
    public async Task A_program_compiled_for_this_processor_uses_vectors_as_wide_as_the_JIT()
    {
        Skip.If(VectorSupport.Bits <= 256, $"the widest vectors here have {VectorSupport.Bits} bits, as a program compiled by default has");
        using var folder = new TemporaryFolder();

        string[] lines = await PublishAndRunAsync(folder, "-p:IlcInstructionSet=native");

        Assert.Equal([$"{VectorSupport.Bits} bits", Result], lines);
    }

    private static async Task<string[]> PublishAndRunAsync(TemporaryFolder folder, params string[] options)
    {
        string project = Path.Combine(Repository.Root, "tests", "SimNet.PublishedApp", "SimNet.PublishedApp.csproj");

        // All its outputs aside: the solution's own build must stay as it is.
        (int code, string output) = await ProgramRunner.RunAsync(
            "dotnet",
            ["publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", folder.File("app"), "--artifacts-path", folder.File("artifacts"), "--nologo", "-v:q", "-p:PublishAot=true", .. options]);
        Skip.If(code != 0 && NoLinker().Match(output) is { Success: true }, $"this machine has no native linker: {NoLinker().Match(output).Value}");
        Assert.True(code == 0, output);
        Assert.DoesNotMatch("warning IL[0-9]", output);
        (code, output) = await ProgramRunner.RunAsync(folder.File("app", "SimNet.PublishedApp"), [folder.File("work")]);
        Assert.True(code == 0, output);
        return output.Trim().Split(Environment.NewLine);
    }

    /// <summary>What the AOT compiler's targets say where the platform's linker or strip is not installed.</summary>
    [GeneratedRegex("Platform linker .*not found|Symbol stripping tool .*not found")]
    private static partial Regex NoLinker();
}
