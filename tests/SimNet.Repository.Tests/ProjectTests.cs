using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SimNet.Repository.Tests;

/// <summary>What every project must have before it is published.</summary>
public sealed partial class ProjectTests
{
    public static TheoryData<string> SourceProjects => [.. SourceTree.SourceProjects.Select(SourceTree.Relative)];

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Testing.Repository.Root, "SimNet.Core.sln")).Replace('\\', '/');

        Assert.All(
            SourceTree.Files("*.csproj"),
            project => Assert.Contains($"\"{SourceTree.Relative(project)}\"", solution, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_package_has_a_description_and_a_readme_of_its_own(string project)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Testing.Repository.Root, project))!;

        string readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.StartsWith($"# {Path.GetFileNameWithoutExtension(project)}\n", readme, StringComparison.Ordinal);
        Assert.NotEmpty(XDocument.Load(Path.Combine(Testing.Repository.Root, project)).Descendants("Description").Single().Value);
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void The_public_API_of_a_library_is_listed(string project)
    {
        XDocument document = XDocument.Load(Path.Combine(Testing.Repository.Root, project));
        if (document.Descendants("OutputType").Any() || document.Descendants("IncludeBuildOutput").Any())
        {
            return;
        }

        string folder = Path.GetDirectoryName(Path.Combine(Testing.Repository.Root, project))!;
        IEnumerable<string> lines = File.ReadLines(Path.Combine(folder, "PublicAPI.Shipped.txt"))
            .Concat(File.ReadLines(Path.Combine(folder, "PublicAPI.Unshipped.txt")));
        Assert.Contains(lines, line => line != "#nullable enable");
    }

    [Fact]
    public void Only_tests_and_benchmarks_see_internals()
    {
        string[] friends =
        [
            .. from pattern in (string[])["*.csproj", "Directory.Build.*", "*.cs"]
               from file in SourceTree.Files(pattern, "src")
               from Match match in Friend().Matches(File.ReadAllText(file))
               select match.Groups["name"].Value,
        ];

        Assert.NotEmpty(friends);
        Assert.All(friends, friend => Assert.Matches(ProgramThatIsNotShipped(), friend));
    }

    [GeneratedRegex(@"^(\$\(MSBuildProjectName\)|SimNet\.\w+)\.Tests$|^SimNet\.(Conformance|Testing|Benchmarks|AotBenchmark)$")]
    private static partial Regex ProgramThatIsNotShipped();

    [GeneratedRegex("InternalsVisibleTo(?: Include=|\\()\"(?<name>[^\"]+)\"")]
    private static partial Regex Friend();
}
