namespace SimNet.Samples.Tests;

/// <summary>Each console sample as a user runs it: a process of its own.</summary>
public sealed class ConsoleSampleTests
{
    [Fact]
    public async Task The_quickstart_finds_the_query_itself_first_and_saves_the_catalog()
    {
        using var folder = new TemporaryFolder();
        string products = SampleCatalog.Write(folder.File("products"), productsPerClass: 4);
        string query = SampleCatalog.ImagePath(products, "crosses", 2);

        string[] lines = await RunAsync("Quickstart", products, query, folder.File("catalog.simnet"));

        Assert.Equal(5, lines.Length);
        Assert.Equal("crosses/crosses-2.png: 0.000", lines[0]);
        Assert.True(File.Exists(folder.File("catalog.simnet", "manifest.json")));
    }

    [Fact]
    public async Task Training_on_labels_writes_a_model_that_classifies_and_recommends()
    {
        using var folder = new TemporaryFolder();
        string products = SampleCatalog.Write(folder.File("products"), productsPerClass: 20);

        string[] lines = await RunAsync("TrainOnLabels", products, folder.File("classes.onnx"), "32", "2");

        Assert.True(File.Exists(folder.File("classes.onnx")));
        Assert.StartsWith("Trained on ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Accuracy on ", lines[1], StringComparison.Ordinal);
        Assert.Equal(SampleCatalog.Classes, lines[2..5].Select(line => line.Split(" is ")[1].Split(' ')[0]).Order());
        Assert.All(lines[5..], line => Assert.Contains(" looks like ", line, StringComparison.Ordinal));
        Assert.Equal(8, lines.Length);
    }

    [Fact]
    public async Task Plain_vectors_are_searched_updated_saved_and_reopened()
    {
        using var folder = new TemporaryFolder();

        string[] lines = await RunAsync("PlainVectors", folder.File("vectors.index"));

        double recall = double.Parse(lines[0].Split(' ')[^2]);
        Assert.InRange(recall, 90, 100);
        Assert.Equal(
            [
                "Nearest to the vector just added: itself",
                "The removed vector is gone",
                "Reopened: updatable-graph, 20000 vectors of 64 dimensions",
            ],
            lines[1..]);
    }

    [Theory]
    [InlineData("Quickstart")]
    [InlineData("TrainOnLabels")]
    [InlineData("PlainVectors")]
    public async Task Without_arguments_a_sample_prints_its_usage_and_fails(string sample)
    {
        (int code, string output) = await ProgramRunner.RunAsync("dotnet", Assembly(sample));

        Assert.Equal(1, code);
        Assert.StartsWith($"Usage: {sample} ", output, StringComparison.Ordinal);
    }

    private static async Task<string[]> RunAsync(string sample, params string[] arguments)
    {
        (int code, string output) = await ProgramRunner.RunAsync("dotnet", [Assembly(sample), .. arguments]);
        Assert.True(code == 0, output);
        return output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Assembly(string sample) => Path.Combine(AppContext.BaseDirectory, $"{sample}.dll");
}
