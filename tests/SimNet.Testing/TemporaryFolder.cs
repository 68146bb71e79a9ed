namespace SimNet.Testing;

/// <summary>A temporary folder, deleted with its content when disposed.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("simnet-tests-").FullName;

    /// <summary>The names of the files directly in the folder.</summary>
    public IEnumerable<string> FileNames => Directory.EnumerateFiles(Path).Select(file => System.IO.Path.GetFileName(file));

    /// <summary>The path of a file directly in the folder.</summary>
    public string this[string name] => File(name);

    /// <summary>The path of a file in the folder.</summary>
    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>Writes a text file; its name may hold folders, separated by slashes.</summary>
    public string Write(string name, string text)
    {
        string file = File(name.Split('/'));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
