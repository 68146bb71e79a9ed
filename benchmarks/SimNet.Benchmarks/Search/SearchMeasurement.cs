using System.Diagnostics;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>Builds one index and measures its searches, one query at a time on each thread. index_peer.cpp does the same for the peers.</summary>
internal sealed class SearchMeasurement(VectorSet data, double[] trueDistances, int threads, TimeSpan warmUp)
{
    public const int Neighbors = 10;
    private const int Passes = 3;
    private const double EnoughRecall = 0.9995;
    private static readonly TimeSpan MostPerPass = TimeSpan.FromSeconds(10);

    private readonly int[] _found = new int[data.QueryCount * Neighbors];
    private readonly long[] _ticks = new long[data.QueryCount];

    public IEnumerable<SearchRow> Run(IndexSetting setting)
    {
        long start = Stopwatch.GetTimestamp();
        using IMeasuredIndex index = setting.Create(data, threads);
        double buildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long? fileBytes = index.FileBytes();

        // On one core the compiler waits for seconds before it makes its best code.
        start = Stopwatch.GetTimestamp();
        for (int i = 0; Stopwatch.GetElapsedTime(start) < warmUp; i++)
        {
            Ask(index, setting.Efforts[i % setting.Efforts.Length], i % data.QueryCount);
        }

        foreach (int effort in setting.Efforts)
        {
            // An untimed pass; a slow index answers fewer queries.
            start = Stopwatch.GetTimestamp();
            int asked = 0;
            while (asked < data.QueryCount && Stopwatch.GetElapsedTime(start) < MostPerPass)
            {
                int count = Math.Min(16, data.QueryCount - asked);
                AskAll(index, effort, asked, count);
                asked += count;
            }

            var rates = new double[Passes];
            var latencies = new long[Passes * asked];
            for (int pass = 0; pass < Passes; pass++)
            {
                start = Stopwatch.GetTimestamp();
                AskAll(index, effort, 0, asked);
                rates[pass] = asked / Stopwatch.GetElapsedTime(start).TotalSeconds;
                _ticks.AsSpan(0, asked).CopyTo(latencies.AsSpan(pass * asked));
            }

            Array.Sort(rates);
            Array.Sort(latencies);
            int k = trueDistances.Length / data.QueryCount;
            double recall = Enumerable.Range(0, asked)
                .Average(q => TrueNeighbors.Recall(data, q, _found.AsSpan(q * Neighbors, Neighbors), trueDistances.AsSpan(q * k, k)));
            using Process self = Process.GetCurrentProcess();
            yield return new SearchRow(
                setting.Peer,
                setting.Build,
                Math.Round(buildSeconds, 3),
                IndexSetting.SearchName(effort),
                Math.Round(recall, 4),
                Math.Round(rates[Passes / 2], 1),
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

    private static double Microseconds(long ticks) => Math.Round(ticks * 1e6 / Stopwatch.Frequency, 1);

    private void AskAll(IMeasuredIndex index, int effort, int first, int count)
    {
        if (threads == 1)
        {
            for (int query = first; query < first + count; query++)
            {
                Ask(index, effort, query);
            }

            return;
        }

        int next = first - 1;
        Thread[] team = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (int query; (query = Interlocked.Increment(ref next)) < first + count;)
            {
                Ask(index, effort, query);
            }
        }))];
        Array.ForEach(team, thread => thread.Start());
        Array.ForEach(team, thread => thread.Join());
    }

    private void Ask(IMeasuredIndex index, int effort, int query)
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
