using System.CommandLine;

namespace SimNet.Benchmarks.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simnet-benchmarks-tests-").FullName;

    public static TheoryData<string> CommandNames =>
        new(BenchmarkCommands.Create().Subcommands.Where(command => !command.Hidden).Select(command => command.Name));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(CommandNames))]
    public void Help_describes_every_option_with_its_default(string name)
    {
        Command command = BenchmarkCommands.Create().Subcommands.Single(command => command.Name == name);
        using var output = new StringWriter();

        int code = BenchmarkCommands.Create().Parse([name, "--help"]).Invoke(new InvocationConfiguration { Output = output });

        Assert.Equal(0, code);
        string help = output.ToString().ReplaceLineEndings(" ");
        Assert.Contains(command.Description!.Split(' ')[0], help, StringComparison.Ordinal);
        foreach (Option option in command.Options)
        {
            Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name);
            Assert.Contains(option.Name, help, StringComparison.Ordinal);
        }

        int defaults = command.Options.Count(option => option.HasDefaultValue && option.ValueType != typeof(bool));
        Assert.Equal(defaults, help.Split("[default: ").Length - 1);
    }

    [Theory]
    [InlineData("frontier --dta x", "--dta")]
    [InlineData("frontier", "--data")]
    [InlineData("frontier --data", "--data")]
    [InlineData("frontier --data x --queries ten", "'ten'; expected a whole number")]
    [InlineData("frontier --data x --queries 0", "'0'; expected a whole number of 1 or more")]
    [InlineData("frontier --data x --index exact,annoyed", "'annoyed'; expected some of scan, exact")]
    [InlineData("hard-sets --set easy", "'easy'; expected some of all, groups-40")]
    [InlineData("hard-sets --rows 9", "'9'; expected a whole number of 10 or more")]
    [InlineData("scaling --data x --counts 10,many", "'many'; expected positive whole numbers")]
    [InlineData("scaling --data x --counts 10,0", "'0'; expected positive whole numbers")]
    [InlineData("compute --workload chess-train", "'chess-train'; expected some of squeezenet1_0-infer")]
    [InlineData("compute --backend abacus", "abacus")]
    public void Wrong_arguments_are_errors_that_say_what_is_expected(string arguments, string expected) => Assert.Contains(
        BenchmarkCommands.Create().Parse(arguments).Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Micro_takes_all_arguments_for_BenchmarkDotNet()
    {
        string[] arguments = ["--filter", "*Gemm*", "--job", "short", "--list"];

        ParseResult result = BenchmarkCommands.Create().Parse(["micro", .. arguments]);

        Assert.Empty(result.Errors);
        Assert.Equal(arguments, result.GetRequiredValue<string[]>("arguments"));
    }

    [Fact]
    public void Lists_are_separated_by_commas()
    {
        Option<CommaSeparated<string>> names = OptionFactory.Names("--names", "Names.", ["c"]);
        Option<CommaSeparated<int>> numbers = OptionFactory.Numbers("--numbers", "Numbers.", 3);
        var command = new RootCommand { names, numbers };

        ParseResult given = command.Parse("--names a,b --numbers 1,20");
        ParseResult none = command.Parse("");

        Assert.Equal(["a", "b"], given.GetRequiredValue(names).Values);
        Assert.Equal([1, 20], given.GetRequiredValue(numbers).Values);
        Assert.Equal(["c"], none.GetRequiredValue(names).Values);
        Assert.Equal([3], none.GetRequiredValue(numbers).Values);
    }

    [Fact]
    public async Task A_search_run_measures_in_processes_of_its_own_and_draws_the_chart()
    {
        VectorSet data = TestData.Clustered(200, 20, dimensions: 8, seed: 8);
        string file = Path.Combine(_folder, "vectors-8.f32");
        VectorFile.Write<float>(file, [.. data.Rows, .. data.Queries]);

        int code = await BenchmarkCommands.RunAsync(
            ["frontier", "--data", file, "--queries", "20", "--index", "scan", "--warm-up", "0", "--no-peers", "--out", _folder]);

        Assert.Equal(0, code);
        Assert.Contains("plain-scan", await File.ReadAllTextAsync(Path.Combine(_folder, "frontier.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_peers_that_does_not_exist_fails_the_run() =>
        Assert.Equal(1, await BenchmarkCommands.RunAsync(["compute", "--peers", Path.Combine(_folder, "none")]));
}
