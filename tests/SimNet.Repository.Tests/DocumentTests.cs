using System.Text.RegularExpressions;

namespace SimNet.Repository.Tests;

public sealed partial class DocumentTests
{
    [Fact]
    public void Relative_links_lead_to_files_of_the_repository()
    {
        string[] broken =
        [
            .. from file in SourceTree.Files("*.md")
               from Match match in Link().Matches(File.ReadAllText(file))
               let target = match.Groups["target"].Value
               where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#')
               where !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target.Split('#')[0]))
               select $"{SourceTree.Relative(file)}: {target}",
        ];

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_example_is_compiled_by_a_test()
    {
        IEnumerable<string> tests = SourceTree.Files("*.cs", "tests").Where(file => Path.GetFileName(file) != "DocumentTests.cs");
        string code = string.Join('\n', tests.Select(ReadTrimmed));
        string[] examples =
        [
            .. from file in SourceTree.Files("*.md")
               from Match match in CodeBlock().Matches(ReadTrimmed(file))
               select match.Groups["code"].Value,
        ];

        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Contains(example, code, StringComparison.Ordinal));
    }

    private static string ReadTrimmed(string file) => string.Join('\n', File.ReadLines(file).Select(line => line.Trim()));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
