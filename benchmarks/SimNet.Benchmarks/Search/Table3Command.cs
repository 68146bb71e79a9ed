using System.CommandLine;
using System.Globalization;
using System.Text;

namespace SimNet.Benchmarks;

/// <summary>
/// <c>table3</c>: e-SimNet's Table 3 on this machine, the query time, accuracy and build time of LSH Forest, FLANN and ANNOY, beside
/// SimNet's indexes and a kd-forest in C#, which separates FLANN's algorithm from its implementation.
/// </summary>
internal static class Table3Command
{
    private static readonly double[] Recalls = [0.95, 0.99];

    public static Command Create()
    {
        var command = new Command("table3", "Compare the indexes of e-SimNet's Table 3 with SimNet's; prints a Markdown table too.");
        var vectors = new VectorOptions(command);
        var run = new SearchRunOptions(command, ["lsh-forest", "kd-forest", "exact", "forest", "graph"], ["flann", "annoy"]);
        command.SetAction(result => Execute(vectors.Read(result), run.Read(result)));
        return command;
    }

    /// <summary>The fastest setting of each index that reaches a recall, or its most accurate one where none does.</summary>
    public static string Markdown(IReadOnlyCollection<SearchRow> rows)
    {
        var table = new StringBuilder();
        table.AppendLine("| index | wanted recall@10 | build | search | recall@10 | query, ms | build, s | file, MB |");
        table.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (IGrouping<string, SearchRow> peer in rows.GroupBy(row => row.Peer))
        {
            IEnumerable<(string Wanted, SearchRow Row)> chosen = peer.Count() == 1
                ? [("", peer.Single())]
                : Recalls.Select(recall => (
                    recall.ToString("0.00", CultureInfo.InvariantCulture),
                    peer.Where(row => row.Recall >= recall).MaxBy(row => row.QueriesPerSecond) ?? peer.MaxBy(row => row.Recall)!));
            foreach ((string wanted, SearchRow row) in chosen)
            {
                table.Append(CultureInfo.InvariantCulture, $"| {peer.Key} | {wanted} | {row.Build} | {row.Search} | {row.Recall:0.000} ");
                table.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {1000 / row.QueriesPerSecond:0.000} | {row.BuildSeconds:0.00} | {row.FileBytes / 1e6:0.0} |");
            }
        }

        return table.ToString();
    }

    private static void Execute(VectorSet data, SearchRunSettings settings)
    {
        using var bench = new SearchBench(data, settings.Threads, settings.WarmUpSeconds);
        List<SearchRow> rows = bench.MeasureAll(settings, row => Console.WriteLine(row.ToJson()));
        Console.WriteLine();
        Console.Write(Markdown(rows));
    }
}
