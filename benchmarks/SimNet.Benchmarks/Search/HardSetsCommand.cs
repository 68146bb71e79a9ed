using System.CommandLine;

namespace SimNet.Benchmarks;

/// <summary><c>hard-sets</c>: recall on vectors that make indexes lose rows, at the settings that users get by default.</summary>
internal static class HardSetsCommand
{
    /// <summary>Stands for every set.</summary>
    private const string AllSets = "all";

    public static Command Create()
    {
        string[] known = [AllSets, .. HardSet.All.Select(set => set.Name)];
        Option<CommaSeparated<string>> sets = OptionFactory.Names(
            "--set", $"The sets to measure: {string.Join(", ", known)}.", [AllSets], known);
        Option<int> rows = OptionFactory.Number("--rows", "Rows of a set.", HardSet.DefaultRows, SearchMeasurement.Neighbors);
        Option<int> queries = OptionFactory.Number("--queries", "Queries, and stored rows to search for.", HardSet.DefaultQueries);
        Option<int> seed = OptionFactory.Number("--seed", "The seed of the sets.", 0, minimum: 0);
        Option<int> threads = OptionFactory.Number("--threads", "Threads that build and search, each on its own core.", 1);
        Option<int> warmUp = OptionFactory.Number(
            "--warm-up", "Seconds that each of SimNet's indexes is searched before the clock starts.", 1, minimum: 0);
        var json = new Option<string?>("--json")
        {
            Description = "A file that gets a JSON line for each set as well.",
            HelpName = "FILE",
        };
        var command = new Command("hard-sets", "Measure recall on vectors that make indexes lose rows; prints a Markdown table.")
        {
            sets,
            rows,
            queries,
            seed,
            threads,
            warmUp,
            json,
        };
        var peers = new PeerOptions(command);
        command.SetAction(result => Execute(
            Find(result.GetRequiredValue(sets).Values),
            new HardSetMeasurement(
                result.GetValue(rows),
                result.GetValue(queries),
                result.GetValue(seed),
                result.GetValue(threads),
                result.GetValue(warmUp),
                peers.Read(result)),
            result.GetValue(json)));
        return command;
    }

    private static HardSet[] Find(string[] names) =>
        [.. HardSet.All.Where(set => names.Contains(AllSets) || names.Contains(set.Name))];

    private static void Execute(HardSet[] sets, HardSetMeasurement measurement, string? json)
    {
        using StreamWriter? lines = json is null ? null : new StreamWriter(json) { AutoFlush = true };
        Console.WriteLine(HardSetRow.MarkdownHeader);
        foreach (HardSet set in sets)
        {
            HardSetRow row = measurement.Measure(set);
            Console.WriteLine(row.ToMarkdown());
            lines?.WriteLine(row.ToJson());
        }
    }
}
