namespace SimNet.Testing;

/// <summary>Finds files of reference values in the folders of test projects.</summary>
public static class GoldenFile
{
    /// <summary>Returns the path of a file in the folder <c>Golden</c> of a test project.</summary>
    /// <param name="project">The name of the test project.</param>
    /// <param name="relativePath">The path of the file within the folder.</param>
    public static string Find(string project, string relativePath)
    {
        string path = Path.Combine(Repository.Root, "tests", project, "Golden", relativePath);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} does not exist.", path);
    }
}
