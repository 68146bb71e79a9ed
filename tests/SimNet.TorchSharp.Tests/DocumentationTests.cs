using SimNet.Core;

namespace SimNet.TorchSharp.Tests;

public sealed class DocumentationTests
{
    /// <summary>The example of docs/backends.md, verbatim.</summary>
    private static ClassifierTrainingOptions Example()
    {
        var backend = new TorchSharpBackend(new TorchSharpBackendOptions { MixedPrecision = true });
        var options = new ClassifierTrainingOptions { Backend = backend };
        return options;
    }

    [SkippableFact]
    public void Documented_example_runs()
    {
        string root = Repository.Root;
        string here = File.ReadAllText(Path.Combine(root, "tests", "SimNet.TorchSharp.Tests", "DocumentationTests.cs"));
        IEnumerable<string> lines = here.Split('\n').SkipWhile(line => line.Trim() != "{").Skip(1);
        lines = lines.SkipWhile(line => line.Trim() != "{").Skip(1).TakeWhile(line => line.Trim() != "return options;");
        string example = string.Join('\n', lines.Select(line => line.Trim()));

        string documentation = File.ReadAllText(Path.Combine(root, "docs", "backends.md"));
        Assert.Contains($"```csharp\n{example}\n```", documentation, StringComparison.Ordinal);
        Assert.Contains("`Backend = new TorchSharpBackend()`", File.ReadAllText(Path.Combine(root, "README.md")), StringComparison.Ordinal);
        Backends.Require();
        Assert.StartsWith("torchsharp:", Example().Backend!.Name, StringComparison.Ordinal);
    }
}
