namespace SimNet.Index.Tests;

/// <summary>A temporary folder that is deleted when it is disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("simnet-index-").FullName;

    public string File(string name) => Path.Combine(_path, name);

    public string[] FileNames() => [.. Directory.GetFiles(_path).Select(file => Path.GetFileName(file)!).Order()];

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
