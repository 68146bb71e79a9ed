using System.CommandLine;
using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>
/// Vectors and their true neighbors in a temporary folder, and the processes that measure on them: one for each index, so that its peak
/// memory is its own, on as many cores as threads.
/// </summary>
internal sealed class SearchBench : IDisposable
{
    private const string WorkerCommand = "search-worker";
    private const string BaseFile = "base.f32";
    private const string QueryFile = "query.f32";

    /// <summary>Each query's distances to its true neighbors.</summary>
    private const string DistanceFile = "distances.f64";

    /// <summary>Each query's distance to its farthest true neighbor.</summary>
    private const string FarthestFile = "farthest.f64";

    private readonly string _folder = Directory.CreateTempSubdirectory("simnet-search-").FullName;
    private readonly int _dimensions;
    private readonly string _metric;
    private readonly int _threads;
    private readonly int _warmUpSeconds;

    public SearchBench(VectorSet data, int threads, int warmUpSeconds)
    {
        _dimensions = data.Dimensions;
        _metric = data.MetricName;
        _threads = threads;
        _warmUpSeconds = warmUpSeconds;
        VectorFile.Write<float>(PathOf(BaseFile), data.Rows);
        VectorFile.Write<float>(PathOf(QueryFile), data.Queries);
        TrueDistances = GroundTruth.Find(data, SearchMeasurement.Neighbors).Distances;
        int k = TrueDistances.Length / data.QueryCount;
        VectorFile.Write<double>(PathOf(DistanceFile), TrueDistances);
        VectorFile.Write<double>(PathOf(FarthestFile), [.. TrueDistances.Where((_, i) => i % k == k - 1)]);
    }

    /// <summary>Each query's distances to its true neighbors, query after query.</summary>
    public double[] TrueDistances { get; }

    /// <summary>The hidden command that measures one setting in this process.</summary>
    public static Command CreateWorker()
    {
        var folder = new Argument<string>("folder");
        var dimensions = new Argument<int>("dimensions");
        var kind = new Argument<string>("kind");
        var build = new Argument<string>("build");
        var threads = new Argument<int>("threads");
        var warmUp = new Argument<int>("warm-up");
        var command = new Command(WorkerCommand) { folder, dimensions, kind, build, threads, warmUp };
        command.Hidden = true;
        command.SetAction(result =>
        {
            string root = result.GetRequiredValue(folder);
            var data = new VectorSet(
                VectorFile.Read<float>(Path.Combine(root, BaseFile)),
                VectorFile.Read<float>(Path.Combine(root, QueryFile)),
                result.GetValue(dimensions));
            var measurement = new SearchMeasurement(
                data,
                VectorFile.Read<double>(Path.Combine(root, DistanceFile)),
                result.GetValue(threads),
                TimeSpan.FromSeconds(result.GetValue(warmUp)));
            IndexSetting setting = IndexSetting.All.Single(
                setting => setting.Kind == result.GetValue(kind) && setting.Build == result.GetValue(build));
            foreach (SearchRow row in measurement.Run(setting))
            {
                Console.WriteLine(row.ToJson());
            }
        });
        return command;
    }

    /// <summary>Measures one of SimNet's indexes or baselines.</summary>
    /// <param name="setting">How it is built.</param>
    /// <param name="onRow">Receives each row as it comes.</param>
    public List<SearchRow> Measure(IndexSetting setting, Action<SearchRow>? onRow = null)
    {
        string[] arguments = [_folder, Text(_dimensions), setting.Kind, setting.Build, Text(_threads), Text(_warmUpSeconds)];
        return Rows(onRow, onLine => ChildProcess.RunSelfPinned(_threads, [WorkerCommand, .. arguments], onLine));
    }

    /// <summary>Measures one of the peers' indexes.</summary>
    /// <param name="setting">How it is built.</param>
    /// <param name="onRow">Receives each row as it comes.</param>
    public List<SearchRow> Measure(PeerSetting setting, Action<SearchRow>? onRow = null) => Measure(setting, [], onRow);

    /// <summary>Measures one of the peers' indexes at these search efforts.</summary>
    /// <param name="setting">How it is built.</param>
    /// <param name="efforts">The efforts; none for the peer's own, up to perfect recall.</param>
    /// <param name="onRow">Receives each row as it comes.</param>
    public List<SearchRow> Measure(PeerSetting setting, int[] efforts, Action<SearchRow>? onRow = null)
    {
        string[] files = [PathOf(BaseFile), PathOf(QueryFile), PathOf(FarthestFile)];
        string[] search = [Text(_dimensions), Text(_threads), _metric, string.Join(',', efforts)];
        return Rows(onRow, onLine => ChildProcess.RunPinned(
            _threads, setting.Program, [setting.Peer, setting.Build, .. files, .. search], onLine));
    }

    /// <summary>Measures SimNet's indexes, then the peers'.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="onRow">Receives each row as it comes.</param>
    public List<SearchRow> MeasureAll(SearchRunSettings settings, Action<SearchRow> onRow) =>
    [
        .. settings.Ours.SelectMany(setting => Measure(setting, onRow)),
        .. settings.Peers.SelectMany(setting => Measure(setting, onRow)),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static List<SearchRow> Rows(Action<SearchRow>? onRow, Action<Action<string>> run)
    {
        var rows = new List<SearchRow>();
        run(line =>
        {
            rows.Add(SearchRow.Parse(line));
            onRow?.Invoke(rows[^1]);
        });
        return rows;
    }

    private string PathOf(string file) => Path.Combine(_folder, file);
}
