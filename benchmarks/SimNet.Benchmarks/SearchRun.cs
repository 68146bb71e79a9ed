using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using SimNet.Evaluation;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>Queries a second and recall@10 of the indexes on real data, one query at a time on one thread; the build on one thread as well.</summary>
internal static class SearchRun
{
    private const int Neighbors = 10;
    private const int MostQueries = 500;
    private const int Passes = 5;

    public static void Execute(string baseFile, string queryFile)
    {
        (float[] rows, int dimensions) = ReadIdx(baseFile, int.MaxValue);
        (float[] queries, _) = ReadIdx(queryFile, MostQueries);
        int count = queries.Length / dimensions;

        using ExactIndex exact = ExactIndex.Build(rows, dimensions, Metric.Euclidean);
        var truth = new float[count][];
        double exactRate = Measure(exact, effort: 0, truth);
        Console.WriteLine(JsonSerializer.Serialize(new { index = exact.Kind, rows = exact.Count, dimensions, recall = 1.0, queriesPerSecond = Math.Round(exactRate) }));

        foreach (int trees in (int[])[10, 40])
        {
            long start = Stopwatch.GetTimestamp();
            using RandomProjectionForest forest = RandomProjectionForest.Build(rows, dimensions, Metric.Euclidean, new RandomProjectionForestOptions { Trees = trees, MaxThreads = 1 });
            double buildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            foreach (int effort in (int[])[100, 500, 1000, 2000, 4000])
            {
                var found = new float[count][];
                double rate = Measure(forest, effort, found);
                double recall = found.Zip(truth, (mine, best) => SearchQuality.RecallByDistance(mine, best)).Average();
                Console.WriteLine(JsonSerializer.Serialize(new
                {
                    index = forest.Kind, rows = forest.Count, dimensions, trees, effort, recall = Math.Round(recall, 4), queriesPerSecond = Math.Round(rate), buildSeconds = Math.Round(buildSeconds, 1),
                }));
            }
        }

        // The median of a few passes over all queries; the distances of the last.
        double Measure(IVectorIndex index, int effort, float[][] distances)
        {
            var rates = new double[Passes];
            var results = new Neighbor[Neighbors];
            for (int pass = -1; pass < Passes; pass++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < count; i++)
                {
                    int found = index.Search(queries.AsSpan(i * dimensions, dimensions), results, new SearchOptions { SearchEffort = effort });
                    distances[i] = [.. results.Take(found).Select(neighbor => neighbor.Distance)];
                }

                rates[Math.Max(pass, 0)] = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            Array.Sort(rates);
            return rates[Passes / 2];
        }
    }

    private static (float[] Rows, int Dimensions) ReadIdx(string path, int mostRows)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var content = new MemoryStream();
        file.CopyTo(content);
        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        int rows = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
        int dimensions = (bytes.Length - 16) / rows;
        var values = new float[Math.Min(rows, mostRows) * dimensions];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = bytes[16 + i];
        }

        return (values, dimensions);
    }
}
