using System.Diagnostics;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>
/// Builds one index and measures its searches, one query at a time on each thread. <c>index_peer.cpp</c> does the same for the peers.
/// </summary>
/// <param name="data">The vectors.</param>
/// <param name="trueDistances">Each query's distances to its true neighbors, query after query.</param>
/// <param name="threads">Threads that build and that search at once.</param>
/// <param name="warmUp">How long to search before the clock starts.</param>
internal sealed class SearchMeasurement(VectorSet data, double[] trueDistances, int threads, TimeSpan warmUp)
{
    /// <summary>How many neighbors a query asks for.</summary>
    public const int Neighbors = 10;

    private const int Passes = 3;
    private const double EnoughRecall = 0.9995;
    private static readonly TimeSpan MaxPassTime = TimeSpan.FromSeconds(10);

    private readonly int[] _found = new int[data.QueryCount * Neighbors];
    private readonly long[] _ticks = new long[data.QueryCount];

    /// <summary>Measures the efforts in turn, until one reaches a recall of nearly 1.</summary>
    public IEnumerable<SearchRow> Run(IndexSetting setting)
    {
        long start = Stopwatch.GetTimestamp();
        using IMeasuredIndex index = setting.Create(data, threads);
        double buildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long? fileBytes = index.FileBytes();

        WarmUp(index, setting.Efforts);
        foreach (int effort in setting.Efforts)
        {
            (double recall, double rate, long[] latencies) = Measure(index, effort);
            using Process self = Process.GetCurrentProcess();
            yield return new SearchRow(
                setting.Peer,
                setting.Build,
                Math.Round(buildSeconds, 3),
                IndexSetting.SearchName(effort),
                Math.Round(recall, 4),
                Math.Round(rate, 1),
                fileBytes,
                self.PeakWorkingSet64 / 1_000_000,
                Microseconds(latencies[latencies.Length / 2]),
                Microseconds(latencies[latencies.Length * 99 / 100]));
            if (recall > EnoughRecall)
            {
                yield break;
            }
        }
    }

    /// <summary>Searches before the clock starts: on one core the JIT compiler takes seconds until its best code runs.</summary>
    public void WarmUp(IMeasuredIndex index, int[] efforts)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; Stopwatch.GetElapsedTime(start) < warmUp; i++)
        {
            Search(index, efforts[i % efforts.Length], i % data.QueryCount);
        }
    }

    /// <summary>Measures one effort.</summary>
    /// <returns>Recall, the median of the passes' queries per second, and the ticks of the queries, rising.</returns>
    public (double Recall, double QueriesPerSecond, long[] Latencies) Measure(IMeasuredIndex index, int effort)
    {
        // An untimed pass, which also limits the queries that a slow index gets.
        long start = Stopwatch.GetTimestamp();
        int answered = 0;
        while (answered < data.QueryCount && Stopwatch.GetElapsedTime(start) < MaxPassTime)
        {
            int count = Math.Min(16, data.QueryCount - answered);
            SearchAll(index, effort, answered, count);
            answered += count;
        }

        var rates = new double[Passes];
        var latencies = new long[Passes * answered];
        for (int pass = 0; pass < Passes; pass++)
        {
            start = Stopwatch.GetTimestamp();
            SearchAll(index, effort, 0, answered);
            rates[pass] = answered / Stopwatch.GetElapsedTime(start).TotalSeconds;
            _ticks.AsSpan(0, answered).CopyTo(latencies.AsSpan(pass * answered));
        }

        Array.Sort(rates);
        Array.Sort(latencies);
        int k = trueDistances.Length / data.QueryCount;
        double recall = Enumerable.Range(0, answered)
            .Average(q => GroundTruth.Recall(data, q, _found.AsSpan(q * Neighbors, Neighbors), trueDistances.AsSpan(q * k, k)));
        return (recall, rates[Passes / 2], latencies);
    }

    private static double Microseconds(long ticks) => Math.Round(ticks * 1e6 / Stopwatch.Frequency, 1);

    private void SearchAll(IMeasuredIndex index, int effort, int first, int count)
    {
        if (threads == 1)
        {
            for (int query = first; query < first + count; query++)
            {
                Search(index, effort, query);
            }

            return;
        }

        int next = first - 1;
        Thread[] team = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (int query; (query = Interlocked.Increment(ref next)) < first + count;)
            {
                Search(index, effort, query);
            }
        }))];
        Array.ForEach(team, thread => thread.Start());
        Array.ForEach(team, thread => thread.Join());
    }

    private void Search(IMeasuredIndex index, int effort, int query)
    {
        Span<Neighbor> results = stackalloc Neighbor[Neighbors];
        long start = Stopwatch.GetTimestamp();
        int count = index.Search(data.Query(query), results, effort);
        _ticks[query] = Stopwatch.GetTimestamp() - start;
        for (int i = 0; i < Neighbors; i++)
        {
            _found[(query * Neighbors) + i] = i < count ? results[i].Id : -1;
        }
    }
}
