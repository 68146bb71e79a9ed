using System.CommandLine;
using System.Globalization;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>One way to build one kind of index, and the efforts to search it with.</summary>
/// <param name="Kind">The kind's name on the command line.</param>
/// <param name="Build">How it is built; unique within its kind.</param>
/// <param name="Create">Builds it on a number of threads.</param>
/// <param name="Efforts">The efforts to search with, rising; the measurement ends with the first whose recall is nearly 1.</param>
internal sealed record IndexSetting(string Kind, string Build, Func<VectorSet, int, IMeasuredIndex> Create, int[] Efforts)
{
    private static readonly int[] Exhaustive = [0];
    private static readonly int[] GraphEfforts = [10, 12, 15, 17, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 2000];
    private static readonly int[] RowEfforts =
        [50, 100, 200, 400, 700, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12_000, 16_000, 32_000, 64_000];

    /// <summary>All settings; the first of each kind is its default.</summary>
    public static IndexSetting[] All { get; } =
    [
        new("scan", "", (data, _) => new PlainScan(data), Exhaustive),
        new("exact", "", (data, threads) => Ours(ExactIndex.Build(data.Rows, data.Dimensions, data.Metric, threads)), Exhaustive),
        new("forest", "default", Forest(new RandomProjectionForestOptions()), RowEfforts),
        new("forest", "trees=40", Forest(new RandomProjectionForestOptions { Trees = 40 }), RowEfforts),
        new("forest", "trees=100", Forest(new RandomProjectionForestOptions { Trees = 100 }), RowEfforts),
        new("graph", "default", Graph(new NeighborGraphOptions()), GraphEfforts),
        new("graph", "links=16", Graph(new NeighborGraphOptions { MaxDegree = 16 }), GraphEfforts),
        new("graph", "links=48,effort=200", Graph(new NeighborGraphOptions { MaxDegree = 48, BuildEffort = 200 }), GraphEfforts),
        new("lsh-forest", "trees=10", (data, threads) => new LshForest(data, trees: 10, threads), RowEfforts),
        new("lsh-forest", "trees=40", (data, threads) => new LshForest(data, trees: 40, threads), RowEfforts),
        new("kd-forest", "trees=4", (data, threads) => new RandomizedKdForest(data, trees: 4, threads), RowEfforts),
        new("kd-forest", "trees=16", (data, threads) => new RandomizedKdForest(data, trees: 16, threads), RowEfforts),
    ];

    /// <summary>The index's name in the results.</summary>
    public string Peer => Kind switch
    {
        "exact" or "forest" or "graph" => "simnet-" + Kind,
        "scan" => "plain-scan",
        _ => Kind,
    };

    /// <summary>The option <c>--index</c>, which takes kinds.</summary>
    public static Option<CommaSeparated<string>> CreateOption(string[] defaultKinds)
    {
        string[] kinds = [.. All.Select(setting => setting.Kind).Distinct()];
        string description = $"SimNet's indexes and baselines to measure: {string.Join(", ", kinds)}.";
        return OptionFactory.Names("--index", description, defaultKinds, kinds);
    }

    /// <summary>The settings of these kinds, in the order of the kinds.</summary>
    public static IEnumerable<IndexSetting> OfKinds(IEnumerable<string> kinds) =>
        kinds.SelectMany(kind => All.Where(setting => setting.Kind == kind));

    /// <summary>A search's name in the results.</summary>
    public static string SearchName(int effort) => effort == 0 ? "exact" : "effort=" + effort.ToString(CultureInfo.InvariantCulture);

    private static Func<VectorSet, int, IMeasuredIndex> Forest(RandomProjectionForestOptions options) => (data, threads) =>
        Ours(RandomProjectionForest.Build(data.Rows, data.Dimensions, data.Metric, options with { MaxThreads = threads }));

    private static Func<VectorSet, int, IMeasuredIndex> Graph(NeighborGraphOptions options) => (data, threads) =>
        Ours(NeighborGraph.Build(data.Rows, data.Dimensions, data.Metric, options with { MaxThreads = threads }));

    private static MeasuredVectorIndex Ours(IVectorIndex index) => new(index);
}
