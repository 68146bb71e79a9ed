namespace SimNet.Repository.Tests;

/// <summary>The files of the repository without build output.</summary>
internal static class SourceTree
{
    private static readonly string[] Folders = ["src", "samples", "tests", "benchmarks", "docs"];
    private static readonly string[] OutputFolders = ["bin", "obj", "_site", "BenchmarkDotNet.Artifacts"];

    /// <summary>The full paths of the files whose names match a pattern such as <c>*.cs</c>, in some folders or in all.</summary>
    public static IReadOnlyList<string> Files(string pattern, params string[] folders) =>
    [
        .. (folders.Length > 0 ? folders : Folders).SelectMany(folder => Find(new DirectoryInfo(Path.Combine(Root, folder)), pattern)),
        .. folders.Length > 0 ? [] : Directory.EnumerateFiles(Root, pattern),
    ];

    /// <summary>The project files in <c>src</c>.</summary>
    public static IReadOnlyList<string> SourceProjects => [.. Files("*.csproj", "src")];

    /// <summary>A path as messages show it.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string Root => Testing.Repository.Root;

    private static IEnumerable<string> Find(DirectoryInfo folder, string pattern)
    {
        IEnumerable<DirectoryInfo> children = folder.EnumerateDirectories().Where(child => !OutputFolders.Contains(child.Name));
        return folder.EnumerateFiles(pattern).Select(file => file.FullName).Concat(children.SelectMany(child => Find(child, pattern)));
    }
}
