using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary><c>open</c>: how long a new process takes to open an index file and to answer its first query.</summary>
internal static class OpenCommand
{
    private const string WorkerCommand = "open-worker";
    private const int Processes = 5;
    private const int Repetitions = 10;

    private static readonly string[] Kinds = ["exact", "forest", "graph"];

    public static Command Create()
    {
        Option<CommaSeparated<string>> index = OptionFactory.Names("--index", "Which indexes to open.", Kinds, Kinds);
        var command = new Command("open", "Measure how long a new process takes to open a saved index and to answer its first query.");
        var vectors = new VectorOptions(command);
        command.Options.Add(index);
        command.SetAction(result => Execute(vectors.Read(result), result.GetRequiredValue(index).Values));
        return command;
    }

    /// <summary>The hidden command that opens one file in this process.</summary>
    public static Command CreateWorker()
    {
        var file = new Argument<string>("file");
        var command = new Command(WorkerCommand) { file };
        command.Hidden = true;
        command.SetAction(result => Measure(result.GetRequiredValue(file)));
        return command;
    }

    private static void Execute(VectorSet data, string[] kinds)
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
                    ChildProcess.RunSelfPinned(1, [WorkerCommand, path], Console.WriteLine);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Measure(string path)
    {
        var unverified = new IndexOpenOptions { VerifyContents = false };
        long start = Stopwatch.GetTimestamp();
        IVectorIndex index = VectorIndex.Open(path, unverified);
        double first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        index.Search(new float[index.Dimensions], new Neighbor[SearchMeasurement.Neighbors]);
        double query = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        string kind = index.Kind;
        index.Dispose();
        var times = new double[Repetitions];
        for (int i = 0; i < Repetitions; i++)
        {
            start = Stopwatch.GetTimestamp();
            VectorIndex.Open(path, unverified).Dispose();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            index = kind,
            file_bytes = new FileInfo(path).Length,
            first_open_ms = Math.Round(first, 1),
            first_query_ms = Math.Round(query, 1),
            open_again_ms = Math.Round(times[Repetitions / 2], 2),
        }));
    }

    private static IVectorIndex Build(string kind, VectorSet data) => kind switch
    {
        "exact" => ExactIndex.Build(data.Rows, data.Dimensions, Metric.Euclidean),
        "forest" => RandomProjectionForest.Build(data.Rows, data.Dimensions, Metric.Euclidean),
        _ => NeighborGraph.Build(data.Rows, data.Dimensions, Metric.Euclidean),
    };
}
