using SimNet.Evaluation;

namespace SimNet.Benchmarks;

/// <summary>Recall against queries a second: ours at a range of settings, and the peers at theirs, in turn on the same cores.</summary>
internal static class FrontierRun
{
    /// <summary>Lines begin here: who searches for less has other worries.</summary>
    private const double LeastRecall = 0.9;

    /// <summary>Measures, printing a JSON line a setting, and draws.</summary>
    /// <param name="data">The vectors.</param>
    /// <param name="kinds">Our kinds of index.</param>
    /// <param name="peers">The peers' settings.</param>
    /// <param name="threads">Threads that build and ask at once, each on a core of its own.</param>
    /// <param name="warmUpSeconds">How long each of our processes searches before its time is taken.</param>
    /// <param name="outFolder">Where <c>frontier.svg</c> goes; null for none.</param>
    public static void Execute(VectorSet data, string[] kinds, IReadOnlyCollection<PeerSetting> peers, int threads, int warmUpSeconds, string? outFolder)
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

        if (outFolder is not null)
        {
            Directory.CreateDirectory(outFolder);
            File.WriteAllText(Path.Combine(outFolder, "frontier.svg"), Chart(rows).ToSvg());
        }

        static void Print(SearchRow row) => Console.WriteLine(row.ToJson());
    }

    /// <summary>One line an index: of all its settings those that no other of them beats in both.</summary>
    public static LineChart Chart(IEnumerable<SearchRow> rows) => new()
    {
        XTitle = "recall@10",
        YTitle = "queries/s",
        YScale = AxisScale.Logarithmic,
        Width = 720,
        Height = 480,
        Series = [.. rows.GroupBy(row => row.Peer).Select(peer => new LineSeries(peer.Key, [.. Frontier(peer).Select(row => (row.Recall, row.QueriesPerSecond))]))],
    };

    private static List<SearchRow> Frontier(IEnumerable<SearchRow> rows)
    {
        var frontier = new List<SearchRow>();
        foreach (SearchRow row in rows.Where(row => row.Recall >= LeastRecall).OrderByDescending(row => row.Recall).ThenByDescending(row => row.QueriesPerSecond))
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
