using System.Diagnostics;
using System.Text.Json;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>Batches of queries against the exact index, on one thread, beside what the core's multiply-adds would allow a plain comparison.</summary>
internal static class BatchRun
{
    private const int Queries = 100;
    private const int Passes = 7;

    /// <summary>Measures on the vectors given, and on as many that vary in all directions alike.</summary>
    public static void Execute(VectorSet data, int warmUpSeconds)
    {
        Measure("given", data, warmUpSeconds);
        var random = new Random(1);
        Measure("gaussian", new VectorSet(Gaussian(data.Rows.Length), Gaussian(data.Queries.Length), data.Dimensions), warmUpSeconds);

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

    private static void Measure(string vectors, VectorSet data, int warmUpSeconds)
    {
        using ExactIndex index = ExactIndex.Build(data.Rows, data.Dimensions, Metric.Euclidean);
        ReadOnlyMemory<float> batch = data.Queries.AsMemory(0, Queries * data.Dimensions);
        var options = new BatchSearchOptions { MaxThreads = 1 };
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed.TotalSeconds < warmUpSeconds)
        {
            index.SearchBatch(batch, SearchMeasurement.Neighbors, options);
        }

        double limit = ArithmeticLimit.Measure();
        var seconds = new double[Passes];
        for (int pass = 0; pass < Passes; pass++)
        {
            long start = Stopwatch.GetTimestamp();
            index.SearchBatch(batch, SearchMeasurement.Neighbors, options);
            seconds[pass] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        double rate = 2.0 * Queries * data.Rows.Length / seconds[Passes / 2];
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            index = "exact",
            vectors,
            rows = data.Count,
            dimensions = data.Dimensions,
            queries = Queries,
            milliseconds = Math.Round(1000 * seconds[Passes / 2], 2),
            plain_gflops = Math.Round(rate / 1e9, 1),
            core_gflops = Math.Round(limit / 1e9, 1),
            share = Math.Round(rate / limit, 3),
        }));
    }
}
