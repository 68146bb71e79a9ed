namespace SimNet.Cli.Tests;

public sealed class BackendTests(DemoFolder demo) : IClassFixture<DemoFolder>
{
    [Theory]
    [InlineData("cannot train", "train", "--backend", "onnxruntime", "--data", ".", "--out", "x")]
    [InlineData("always runs on the CPU", "index", "--backend", "managed:cuda", "--data", ".", "--out", "x")]
    [InlineData("expected cuda or cpu", "query", "--backend", "onnxruntime:tpu", "--catalog", ".", "--product", "1")]
    [InlineData("'tensorflow' is unknown", "evaluate", "--backend", "tensorflow", "--model", "default", "--data", ".", "--label", "x")]
    public Task Invalid_back_ends_print_one_line(string problem, params string[] arguments) => FailsAsync(problem, arguments);

    [Theory]
    [InlineData("TorchSharp", "train", "--backend", "torchsharp", "--data", ".", "--out", "x")]
    [InlineData("TorchSharp", "index", "--backend", "torchsharp:cpu", "--data", ".", "--out", "x")]
    [InlineData("TorchSharp", "evaluate", "--backend", "torchsharp", "--model", "default", "--data", ".", "--label", "category")]
    [InlineData("ONNX Runtime", "index", "--backend", "onnxruntime", "--data", ".", "--out", "x")]
    [InlineData("ONNX Runtime", "query", "--backend", "onnxruntime", "--catalog", ".", "--product", "1")]
    public Task A_missing_native_library_prints_one_line(string library, params string[] arguments) =>
        FailsAsync($"native library of {library}", arguments);

    [Fact]
    public void The_tool_does_not_contain_the_native_libraries()
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories).Select(Path.GetFileName)!,
        ];

        Assert.Contains("TorchSharp.dll", files);
        Assert.Contains("Microsoft.ML.OnnxRuntime.dll", files);
        Assert.DoesNotContain(files, file => file.Contains("torch_cpu", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => file is "libonnxruntime.so" or "onnxruntime.dll" or "libonnxruntime.dylib");
    }

    private async Task FailsAsync(string problem, string[] arguments)
    {
        (int code, string output, string error) =
            await Simnet.RunAsync([.. arguments.Select(argument => argument == "." ? demo.Products : argument)]);

        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.StartsWith($"simnet {arguments[0]}: ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
