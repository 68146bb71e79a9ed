using System.Globalization;
using System.Text;

namespace SimNet.Benchmarks;

/// <summary>
/// Table 3 of e-SimNet on this machine: query time, accuracy and build time of LSH Forest, FLANN and ANNOY, beside a kd-forest of ours that
/// shows what language and machine make of FLANN's, and our indexes.
/// </summary>
internal static class Table3Run
{
    private static readonly double[] Recalls = [0.95, 0.99];

    /// <summary>Measures, printing a JSON line a setting, then the table.</summary>
    /// <param name="data">The vectors.</param>
    /// <param name="kinds">Our kinds of index, the baselines among them.</param>
    /// <param name="peers">The peers' settings.</param>
    /// <param name="threads">Threads that build and ask.</param>
    /// <param name="warmUpSeconds">How long each of our processes searches before its time is taken.</param>
    public static void Execute(VectorSet data, string[] kinds, IReadOnlyCollection<PeerSetting> peers, int threads, int warmUpSeconds)
    {
        IndexSetting[] ours = [.. IndexSetting.OfKinds(kinds)];
        using var bench = new SearchBench(data, threads, warmUpSeconds);
        var rows = new List<SearchRow>();
        foreach (IndexSetting setting in ours)
        {
            rows.AddRange(bench.Measure(setting, Print));
        }

        foreach (PeerSetting setting in peers)
        {
            rows.AddRange(bench.Measure(setting, Print));
        }

        Console.WriteLine();
        Console.Write(Markdown(rows));

        static void Print(SearchRow row) => Console.WriteLine(row.ToJson());
    }

    /// <summary>Each index's fastest setting that finds so much, or the one that finds most where none does.</summary>
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
                table.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {peer.Key} | {wanted} | {row.Build} | {row.Search} | {row.Recall:0.000} | {1000 / row.QueriesPerSecond:0.000} | {row.BuildSeconds:0.00} | {row.FileBytes / 1e6:0.0} |");
            }
        }

        return table.ToString();
    }
}
