namespace SimNet.Testing;

/// <summary>The files of reference values beside the tests' sources.</summary>
public static class GoldenFile
{
    /// <summary>The path of a file in a test project's folder <c>Golden</c>.</summary>
    /// <param name="project">The test project's name.</param>
    /// <param name="relativePath">The file's path within the folder.</param>
    public static string Find(string project, string relativePath)
    {
        string path = Path.Combine(Repository.Root, "tests", project, "Golden", relativePath);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} does not exist.", path);
    }
}
