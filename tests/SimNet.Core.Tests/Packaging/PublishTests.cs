using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SimNet.Core.Tests;

public sealed partial class PublishTests
{
    private const string Result = "p7 squares 0.000, 23 others, precision 1.00, loss finite: True, ONNX same: True, default model 512";

    [SkippableFact]
    public async Task A_program_published_with_NativeAOT_runs()
    {
        using var folder = new TemporaryFolder();

        string[] lines = await PublishAndRunAsync(folder);

        // The targets of the package select AVX2.
        Assert.Equal([$"{Math.Min(VectorSupport.Bits, 256)} bits", Result], lines);
    }

    [SkippableFact]
    public async Task A_program_compiled_for_this_processor_has_the_vector_width_of_the_JIT()
    {
        Skip.If(VectorSupport.Bits <= 256, $"the widest vectors here have {VectorSupport.Bits} bits, as a program compiled by default has");
        using var folder = new TemporaryFolder();

        string[] lines = await PublishAndRunAsync(folder, "-p:IlcInstructionSet=native");

        Assert.Equal([$"{VectorSupport.Bits} bits", Result], lines);
    }

    private static async Task<string[]> PublishAndRunAsync(TemporaryFolder folder, params string[] options)
    {
        string project = Path.Combine(Repository.Root, "tests", "SimNet.PublishedApp", "SimNet.PublishedApp.csproj");

        // All outputs go to a temporary folder, so that the build of the solution does not change.
        (int code, string output) = await ProgramRunner.RunAsync(
            "dotnet",
            [
                "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", folder.File("app"),
                "--artifacts-path", folder.File("artifacts"), "--nologo", "-v:q", "-p:PublishAot=true", .. options,
            ]);
        Skip.If(
            code != 0 && NoLinker().Match(output) is { Success: true },
            $"this machine has no native linker: {NoLinker().Match(output).Value}");
        Assert.True(code == 0, output);
        Assert.DoesNotMatch("warning IL[0-9]", output);
        (code, output) = await ProgramRunner.RunAsync(folder.File("app", "SimNet.PublishedApp"), [folder.File("work")]);
        Assert.True(code == 0, output);
        return output.Trim().Split(Environment.NewLine);
    }

    /// <summary>The error of the AOT compiler if the linker or the symbol stripping tool of the platform is not installed.</summary>
    [GeneratedRegex("Platform linker .*not found|Symbol stripping tool .*not found")]
    private static partial Regex NoLinker();
}
