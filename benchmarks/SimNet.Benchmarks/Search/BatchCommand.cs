using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary><c>batch</c>: a batch of queries against the exact index on one thread, beside the core's arithmetic limit.</summary>
internal static class BatchCommand
{
    private const int Passes = 7;

    public static Command Create()
    {
        Option<int> warmUp = OptionFactory.Number("--warm-up", "Seconds of searching before the clock starts.", 12, minimum: 0);
        var command = new Command("batch", "Measure a batch of queries against the exact index, on the data and on Gaussian vectors.");
        var vectors = new VectorOptions(command, queries: 100);
        command.Options.Add(warmUp);
        command.SetAction(result => Execute(vectors.Read(result), TimeSpan.FromSeconds(result.GetValue(warmUp))));
        return command;
    }

    /// <summary>Measures the given vectors, then as many that vary equally in all directions.</summary>
    private static void Execute(VectorSet data, TimeSpan warmUp)
    {
        Measure("given", data, warmUp);
        var random = new Random(1);
        Measure("gaussian", new VectorSet(Gaussian(data.Rows.Length), Gaussian(data.Queries.Length), data.Dimensions), warmUp);

        float[] Gaussian(int count)
        {
            var values = new float[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            }

            return values;
        }
    }

    private static void Measure(string vectors, VectorSet data, TimeSpan warmUp)
    {
        using ExactIndex index = ExactIndex.Build(data.Rows, data.Dimensions, Metric.Euclidean);
        var options = new BatchSearchOptions { MaxThreads = 1 };
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < warmUp)
        {
            index.SearchBatch(data.Queries, SearchMeasurement.Neighbors, options);
        }

        double limit = PeakFlops.Measure();
        var seconds = new double[Passes];
        for (int pass = 0; pass < Passes; pass++)
        {
            long start = Stopwatch.GetTimestamp();
            index.SearchBatch(data.Queries, SearchMeasurement.Neighbors, options);
            seconds[pass] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        double rate = 2.0 * data.QueryCount * data.Rows.Length / seconds[Passes / 2];
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            index = "exact",
            vectors,
            rows = data.Count,
            dimensions = data.Dimensions,
            queries = data.QueryCount,
            milliseconds = Math.Round(1000 * seconds[Passes / 2], 2),
            plain_gflops = Math.Round(rate / 1e9, 1),
            core_gflops = Math.Round(limit / 1e9, 1),
            share = Math.Round(rate / limit, 3),
        }));
    }
}
