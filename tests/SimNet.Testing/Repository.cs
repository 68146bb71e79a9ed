using System.Reflection;

namespace SimNet.Testing;

/// <summary>Where the repository's own files are; the build tells the test assembly.</summary>
public static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "RepositoryRoot").Value!;
}
