using System.Diagnostics;
using System.Text.Json;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>How long it takes to open an index file, and to answer the first query from it, in a process that has done nothing before.</summary>
internal static class OpenRun
{
    /// <summary>The hidden command that opens one file.</summary>
    public const string WorkCommand = "open-work";

    private const int Processes = 5;
    private const int Again = 10;

    /// <summary>Builds and saves an index of each kind, and opens it in processes of their own.</summary>
    public static void Execute(VectorSet data, string[] kinds)
    {
        string path = Path.Combine(Path.GetTempPath(), $"simnet-{Guid.NewGuid():n}.index");
        try
        {
            foreach (string kind in kinds)
            {
                using (IVectorIndex index = Build(kind, data))
                {
                    index.Save(path);
                }

                for (int i = 0; i < Processes; i++)
                {
                    Child.Run(1, Environment.ProcessPath!, [.. Child.Self, WorkCommand, path], line =>
                    {
                        if (line.StartsWith('{'))
                        {
                            Console.WriteLine(line);
                        }
                    });
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What the hidden command does.</summary>
    public static void Work(string path)
    {
        var trusting = new IndexOpenOptions { VerifyContents = false };
        long start = Stopwatch.GetTimestamp();
        IVectorIndex index = VectorIndex.Open(path, trusting);
        double first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        index.Search(new float[index.Dimensions], new Neighbor[SearchMeasurement.Neighbors]);
        double query = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        string kind = index.Kind;
        index.Dispose();
        var times = new double[Again];
        for (int i = 0; i < Again; i++)
        {
            start = Stopwatch.GetTimestamp();
            VectorIndex.Open(path, trusting).Dispose();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            index = kind,
            file_bytes = new FileInfo(path).Length,
            first_open_ms = Math.Round(first, 1),
            first_query_ms = Math.Round(query, 1),
            open_again_ms = Math.Round(times[Again / 2], 2),
        }));
    }

    private static IVectorIndex Build(string kind, VectorSet data) => kind switch
    {
        "exact" => ExactIndex.Build(data.Rows, data.Dimensions, Metric.Euclidean),
        "forest" => RandomProjectionForest.Build(data.Rows, data.Dimensions, Metric.Euclidean),
        "graph" => NeighborGraph.Build(data.Rows, data.Dimensions, Metric.Euclidean),
        _ => throw new ArgumentException($"'{kind}' is no index; expected exact, forest or graph."),
    };
}
