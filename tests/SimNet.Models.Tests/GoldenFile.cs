namespace SimNet.Models.Tests;

/// <summary>The files of reference values beside the tests' sources.</summary>
internal static class GoldenFile
{
    public static string Find(string relativePath)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "tests", "SimNet.Models.Tests", "Golden", relativePath);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"{relativePath} is in no tests/SimNet.Models.Tests/Golden above {AppContext.BaseDirectory}.");
    }
}
