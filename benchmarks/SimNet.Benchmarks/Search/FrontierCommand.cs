using System.CommandLine;
using SimNet.Evaluation;

namespace SimNet.Benchmarks;

/// <summary><c>frontier</c>: recall against queries per second, SimNet's indexes and the peers' at a range of settings.</summary>
internal static class FrontierCommand
{
    /// <summary>Where the chart's lines begin.</summary>
    private const double MinimumRecall = 0.9;

    public static Command Create()
    {
        var outFolder = new Option<string?>("--out")
        {
            Description = "The folder that frontier.svg is written to; no chart without it.",
            HelpName = "DIR",
        };
        var command = new Command("frontier", "Measure recall against queries per second for each index, build and search setting.");
        var vectors = new VectorOptions(command);
        var run = new SearchRunOptions(command, ["scan", "exact", "forest", "graph"], [SearchPeers.All]);
        command.Options.Add(outFolder);
        command.SetAction(result => Execute(vectors.Read(result), run.Read(result), result.GetValue(outFolder)));
        return command;
    }

    /// <summary>A line for each index: those of its settings that no other of them beats in both recall and speed.</summary>
    public static LineChart Chart(IEnumerable<SearchRow> rows) => new()
    {
        XTitle = "recall@10",
        YTitle = "queries/s",
        YScale = AxisScale.Logarithmic,
        Width = 720,
        Height = 480,
        Series =
        [
            .. rows.GroupBy(row => row.Peer).Select(peer =>
                new LineSeries(peer.Key, [.. Frontier(peer).Select(row => (row.Recall, row.QueriesPerSecond))])),
        ],
    };

    private static void Execute(VectorSet data, SearchRunSettings settings, string? outFolder)
    {
        using var bench = new SearchBench(data, settings.Threads, settings.WarmUpSeconds);
        List<SearchRow> rows = bench.MeasureAll(settings, row => Console.WriteLine(row.ToJson()));
        if (outFolder is not null)
        {
            Directory.CreateDirectory(outFolder);
            File.WriteAllText(Path.Combine(outFolder, "frontier.svg"), Chart(rows).ToSvg());
        }
    }

    private static List<SearchRow> Frontier(IEnumerable<SearchRow> rows)
    {
        var frontier = new List<SearchRow>();
        foreach (SearchRow row in rows
            .Where(row => row.Recall >= MinimumRecall).OrderByDescending(row => row.Recall).ThenByDescending(row => row.QueriesPerSecond))
        {
            if (frontier.Count == 0 || row.QueriesPerSecond > frontier[^1].QueriesPerSecond)
            {
                frontier.Add(row);
            }
        }

        frontier.Reverse();
        return frontier;
    }
}
