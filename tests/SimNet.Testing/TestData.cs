namespace SimNet.Testing;

/// <summary>Real data for tests, in the folder given by the environment variable SIMNET_DATA.</summary>
public static class TestData
{
    /// <summary>Returns the path of a file; skips the test if it does not exist.</summary>
    public static string Require(string relativePath)
    {
        string path = PathOf(relativePath);
        Skip.IfNot(File.Exists(path), $"{path} does not exist.");
        return path;
    }

    /// <summary>Returns the path of a folder; skips the test if it does not exist.</summary>
    public static string RequireFolder(string relativePath)
    {
        string path = PathOf(relativePath);
        Skip.IfNot(Directory.Exists(path), $"{path} does not exist.");
        return path;
    }

    private static string PathOf(string relativePath)
    {
        string? root = Environment.GetEnvironmentVariable("SIMNET_DATA");
        Skip.If(string.IsNullOrEmpty(root), "SIMNET_DATA is not set; expected a data folder.");
        return Path.Combine(root!, relativePath);
    }
}
