using System.Reflection;

namespace SimNet.Testing;

/// <summary>The folder of the repository, which the build records in the assembly.</summary>
public static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == "RepositoryRoot").Value!;
}
