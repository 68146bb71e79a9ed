using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>
/// Vectors and their true neighbours in a temporary folder, and the processes that measure on them: one for each index, so that its
/// peak memory is its own, on as many cores as threads.
/// </summary>
internal sealed class SearchBench : IDisposable
{
    /// <summary>The hidden command that measures one setting.</summary>
    public const string WorkCommand = "search-work";

    private readonly string _folder = Directory.CreateTempSubdirectory("simnet-search-").FullName;
    private readonly int _dimensions;
    private readonly int _threads;
    private readonly int _warmUpSeconds;

    public SearchBench(VectorSet data, int threads, int warmUpSeconds)
    {
        _dimensions = data.Dimensions;
        _threads = threads;
        _warmUpSeconds = warmUpSeconds;
        VectorFile.Write<float>(Base, data.Rows);
        VectorFile.Write<float>(Queries, data.Queries);
        double[] distances = TrueNeighbors.Find(data, SearchMeasurement.Neighbors).Distances;
        int k = distances.Length / data.QueryCount;
        VectorFile.Write<double>(Truth, distances);
        VectorFile.Write<double>(Farthest, [.. distances.Where((_, i) => i % k == k - 1)]);
    }

    private string Base => Path.Combine(_folder, "base.f32");

    private string Queries => Path.Combine(_folder, "query.f32");

    /// <summary>Each query's distances to its nearest rows.</summary>
    private string Truth => Path.Combine(_folder, "truth.f64");

    /// <summary>Each query's distance to the last of them.</summary>
    private string Farthest => Path.Combine(_folder, "farthest.f64");

    /// <summary>What the hidden command does: measures one setting in this process.</summary>
    public static void Work(string folder, int dimensions, string kind, string build, int threads, int warmUpSeconds)
    {
        var data = new VectorSet(
            VectorFile.Read<float>(Path.Combine(folder, "base.f32")), VectorFile.Read<float>(Path.Combine(folder, "query.f32")), dimensions);
        var measurement = new SearchMeasurement(data, VectorFile.Read<double>(Path.Combine(folder, "truth.f64")), threads, TimeSpan.FromSeconds(warmUpSeconds));
        foreach (SearchRow row in measurement.Run(IndexSetting.All.Single(setting => setting.Kind == kind && setting.Build == build)))
        {
            Console.WriteLine(row.ToJson());
        }
    }

    /// <summary>Measures one of our settings; each row is told as it comes.</summary>
    public List<SearchRow> Measure(IndexSetting setting, Action<SearchRow>? told = null) => Rows(
        Environment.ProcessPath!,
        [.. Child.Self, WorkCommand, _folder, Text(_dimensions), setting.Kind, setting.Build, Text(_threads), Text(_warmUpSeconds)],
        told);

    /// <summary>Measures one of the peers' settings; each row is told as it comes.</summary>
    public List<SearchRow> Measure(PeerSetting setting, Action<SearchRow>? told = null) =>
        Rows(setting.Program, [setting.Peer, setting.Build, Base, Queries, Farthest, Text(_dimensions), Text(_threads)], told);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private List<SearchRow> Rows(string program, string[] arguments, Action<SearchRow>? told)
    {
        var rows = new List<SearchRow>();
        Child.Run(_threads, program, arguments, line =>
        {
            if (line.StartsWith('{'))
            {
                rows.Add(SearchRow.Parse(line));
                told?.Invoke(rows[^1]);
            }
        });
        return rows;
    }
}
