using System.Text.RegularExpressions;

namespace SimNet.Repository.Tests;

/// <summary>The house rules that neither the compiler nor <c>dotnet format</c> checks.</summary>
public sealed partial class StyleTests
{
    private const int MaxLineLength = 140, MaxTestNameLength = 80;

    [Fact]
    public void No_line_of_code_is_longer_than_the_limit()
    {
        string[] longLines =
        [
            .. from file in SourceTree.Files("*.cs")
               from line in File.ReadLines(file).Index()
               where line.Item.Length > MaxLineLength
               select $"{SourceTree.Relative(file)}:{line.Index + 1} has {line.Item.Length} characters",
        ];

        AssertNone(longLines);
    }

    [Fact]
    public void Test_names_are_short_and_use_no_detached_possessive()
    {
        string[] badNames =
        [
            .. from file in SourceTree.Files("*.cs", "tests")
               from Match match in TestMethod().Matches(File.ReadAllText(file))
               let name = match.Groups["name"].Value
               where name.Length > MaxTestNameLength || name.Contains("_s_", StringComparison.Ordinal)
               select $"{SourceTree.Relative(file)}: {name} ({name.Length} characters)",
        ];

        AssertNone(badNames);
    }

    /// <summary>
    /// One word for one thing, in American spelling. <c>baseColour</c> is a column of a public data set. A word right after a quotation
    /// mark, a slash or a dot is the name of a file or the key of a stored one.
    /// </summary>
    [Fact]
    public void Code_and_documents_use_one_vocabulary()
    {
        string[] files = [.. SourceTree.Files("*.cs"), .. SourceTree.Files("*.md"), .. SourceTree.Files("PublicAPI.*.txt", "src")];
        string[] otherWords =
        [
            .. from file in files
               where Path.GetFileName(file) != "StyleTests.cs"
               from line in File.ReadLines(file).Index()
               from Match match in OtherWord().Matches(line.Item)
               select $"{SourceTree.Relative(file)}:{line.Index + 1}: {match.Value}",
        ];

        AssertNone(otherWords);
    }

    private static void AssertNone(string[] violations) =>
        Assert.True(
            violations.Length == 0,
            $"{violations.Length} violations, the first of which are:\n{string.Join('\n', violations.Take(50))}");

    [GeneratedRegex(
        @"\[(?:Skippable)?(?:Fact|Theory)\b.*?\]\s+(?:\[.*?\]\s+)*public (?:async )?[\w<>]+ (?<name>\w+)\(", RegexOptions.Singleline)]
    private static partial Regex TestMethod();

    [GeneratedRegex(
        "(?<![\"'./])pictur|(?<!base|[\"/])colour|neighbour|normalis|labelled|catalogue|behaviour|favour|"
        + "(?<!\")\\bgrey|\\bcentre|artefact|\\blicence",
        RegexOptions.IgnoreCase)]
    private static partial Regex OtherWord();
}
