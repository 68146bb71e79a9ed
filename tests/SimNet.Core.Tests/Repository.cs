using System.Reflection;

namespace SimNet.Core.Tests;

/// <summary>Where the repository's own files are; the build tells the test assembly.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "RepositoryRoot").Value!;
}
