using System.Text.Json;

namespace SimNet.Cli.Tests;

/// <summary>The output of one small run of the demo, shared by the tests of a class.</summary>
public sealed class DemoFolder : IAsyncLifetime, IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("simnet-").FullName;

    public string Products => File("products");

    public JsonDocument Summary { get; private set; } = null!;

    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public async Task InitializeAsync()
    {
        (int code, string output, string error) =
            await Simnet.RunAsync("demo", "--products", "100", "--epochs", "2", "--out", Path, "--json");
        Assert.True(code == 0, error);
        Summary = JsonDocument.Parse(output);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        Summary.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
