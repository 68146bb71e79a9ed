using System.Diagnostics;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>Measures SimNet's indexes and the peers' with their usual settings on hard sets.</summary>
/// <param name="rows">The number of rows of a set.</param>
/// <param name="queries">The number of queries, and of stored rows to search for.</param>
/// <param name="seed">The seed of the sets.</param>
/// <param name="threads">Threads that build and search.</param>
/// <param name="warmUpSeconds">How long each of SimNet's indexes is searched before the clock starts.</param>
/// <param name="peers">Where the peers are; null for none.</param>
internal sealed class HardSetMeasurement(int rows, int queries, long seed, int threads, int warmUpSeconds, PeerFolder? peers)
{
    private const int DefaultEffort = 0;

    private static readonly int[] GraphEfforts = [DefaultEffort, 256, 1024];

    /// <summary>The peers' libraries, how their indexes are built, and their search efforts.</summary>
    private static readonly (string Library, string Build, int[] Efforts)[] Peers =
        [("hnswlib", "M=16,efC=100", [64, 200]), ("annoy", "trees=10", [1000])];

    /// <summary>Measures all indexes on one set.</summary>
    public HardSetRow Measure(HardSet set)
    {
        (float[] vectors, float[] searched) = set.Create(rows, queries, seed);
        var data = new VectorSet(vectors, searched, set.Dimensions, set.Metric);
        using var bench = new SearchBench(data, threads, warmUpSeconds);
        var searches = new List<HardSetSearch>();
        int[] stored = set.Metric == Metric.InnerProduct ? [] : HardSet.StoredRows(rows, queries, seed);
        int lost;
        string defaultKind;
        var graphOptions = new NeighborGraphOptions { MaxThreads = threads };
        using (IVectorIndex graph = Search(
            "graph", () => NeighborGraph.Build(vectors, set.Dimensions, set.Metric, graphOptions), GraphEfforts))
        {
            lost = CountLost(graph, data, stored);
        }

        using (IVectorIndex chosen = Search(
            "default", () => VectorIndex.Build(vectors, set.Dimensions, set.Metric, graphOptions), DefaultEffort))
        {
            defaultKind = chosen.Kind;
        }

        var forestOptions = new RandomProjectionForestOptions { MaxThreads = threads };
        Search("forest", () => RandomProjectionForest.Build(vectors, set.Dimensions, set.Metric, forestOptions), DefaultEffort).Dispose();
        foreach ((string library, string build, int[] efforts) in Peers)
        {
            if (peers?.IndexProgram(library) is { } program)
            {
                searches.AddRange(bench.Measure(new PeerSetting(program, library, build), efforts)
                    .Select(row => new HardSetSearch(row.Peer, row.Search, row.Recall, row.QueriesPerSecond, row.BuildSeconds)));
            }
        }

        return new HardSetRow(
            set.Name,
            data.Count,
            set.Dimensions,
            data.MetricName,
            seed,
            data.QueryCount,
            set.QueriesAreRows,
            stored.Length,
            lost,
            defaultKind,
            searches);

        IVectorIndex Search(string name, Func<IVectorIndex> build, params int[] efforts)
        {
            long start = Stopwatch.GetTimestamp();
            IVectorIndex index = build();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var measurement = new SearchMeasurement(data, bench.TrueDistances, threads, TimeSpan.FromSeconds(warmUpSeconds));
            var measured = new MeasuredVectorIndex(index);
            measurement.WarmUp(measured, efforts);
            foreach (int effort in efforts)
            {
                (double recall, double rate, _) = measurement.Measure(measured, effort);
                string search = effort == DefaultEffort ? "effort=default" : IndexSetting.SearchName(effort);
                searches.Add(new HardSetSearch(name, search, Math.Round(recall, 4), Math.Round(rate, 1), Math.Round(seconds, 3)));
            }

            return index;
        }
    }

    /// <summary>How many stored rows a search for them does not find: its first result is farther from them than they are.</summary>
    private static int CountLost(IVectorIndex index, VectorSet data, int[] stored)
    {
        VectorSet own = data with { Queries = [.. stored.SelectMany(row => data.Row(row).ToArray())] };
        var results = new Neighbor[SearchMeasurement.Neighbors];
        return Enumerable.Range(0, stored.Length).Count(i =>
            index.Search(own.Query(i), results) == 0
            || GroundTruth.Distance(own, i, results[0].Id) > GroundTruth.Distance(own, i, stored[i]));
    }
}
