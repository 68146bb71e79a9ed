namespace SimNet.Testing;

/// <summary>Real data for the tests that want it: the folder that the environment variable SIMNET_DATA names.</summary>
public static class TestData
{
    public static string Require(string relativePath)
    {
        string? root = Environment.GetEnvironmentVariable("SIMNET_DATA");
        Skip.If(string.IsNullOrEmpty(root), "SIMNET_DATA names no data folder.");
        string path = Path.Combine(root!, relativePath);
        Skip.IfNot(File.Exists(path), $"{path} does not exist.");
        return path;
    }
}
