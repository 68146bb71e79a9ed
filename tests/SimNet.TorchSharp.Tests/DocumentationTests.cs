using SimNet.Core;

namespace SimNet.TorchSharp.Tests;

public sealed class DocumentationTests
{
    /// <summary>The example of docs/backends.md, verbatim.</summary>
    private static ClassifierTrainingOptions Example()
    {
        var options = new ClassifierTrainingOptions { Backend = new TorchSharpBackend(
            new TorchSharpBackendOptions { MixedPrecision = true }) };
        return options;
    }

    [SkippableFact]
    public void Documented_example_runs()
    {
        string root = Repository.Root;
        string here = File.ReadAllText(Path.Combine(root, "tests", "SimNet.TorchSharp.Tests", "DocumentationTests.cs"));
        string line = here.Split('\n').First(line => line.Contains("var options = ", StringComparison.Ordinal)).Trim();

        Assert.Contains($"```csharp\n{line}\n```", File.ReadAllText(Path.Combine(root, "docs", "backends.md")), StringComparison.Ordinal);
        Assert.Contains("`Backend = new TorchSharpBackend()`", File.ReadAllText(Path.Combine(root, "README.md")), StringComparison.Ordinal);
        Backends.Require();
        Assert.StartsWith("torchsharp:", Example().Backend!.Name, StringComparison.Ordinal);
    }
}
