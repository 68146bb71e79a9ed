using System.Text.RegularExpressions;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>Runs alone, because the relative paths of the examples depend on the current directory.</summary>
[CollectionDefinition(nameof(DocumentationTests), DisableParallelization = true)]
[Collection(nameof(DocumentationTests))]
public sealed partial class DocumentationTests
{
    /// <summary>The examples of docs/backends.md, verbatim and in order.</summary>
    private static (int Model, int Other) Example()
    {
        // <example>
        using ImageEmbedder embedder = ImageEmbedder.Load("model.onnx", new ImageEmbedderOptions { Backend = new OnnxRuntimeBackend() });
        // </example>

        // <example>
        IInferenceSession session = new OnnxRuntimeBackend().OpenInferenceSession("other.onnx", ["embedding"]);
        using var other = new ImageEmbedder(session, Preprocessing.ImageNet, "other");
        // </example>
        return (embedder.Dimensions, other.Dimensions);
    }

    [Fact]
    public void The_documented_examples_run()
    {
        string here = File.ReadAllText(Path.Combine(Repository.Root, "tests", "SimNet.OnnxRuntime.Tests", "DocumentationTests.cs"));
        string[] examples =
        [
            .. Code().Matches(here).Select(
                match => string.Join('\n', match.Groups[1].Value.Split('\n').Select(line => line.Length > 8 ? line[8..] : line)).Trim()),
        ];
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "backends.md"));
        Assert.Equal(2, examples.Length);
        Assert.All(examples, example => Assert.Contains($"```csharp\n{example}\n```", page, StringComparison.Ordinal));
        Assert.Contains(
            "`Backend = new OnnxRuntimeBackend()`", File.ReadAllText(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);

        string folder = Directory.CreateTempSubdirectory("simnet-").FullName, before = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(folder);
            ImageEmbedder.Default.Model.Save("model.onnx");
            Network network = new(
                "other", new Shape(3, 224, 224), [new Conv2d("c", 7, 16) { Stride = 16 }, new GlobalAveragePool2d("embedding")]);
            using (FileStream stream = File.Create("other.onnx"))
            {
                OnnxFile.Write(stream, network, WeightInitialization.Create(network, seed: 1), ["embedding", "c"]);
            }

            Assert.Equal((512, 7), Example());
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"// <example>\n(.*?)// </example>", RegexOptions.Singleline)]
    private static partial Regex Code();
}
